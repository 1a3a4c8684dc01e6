/**
 * Prompts of `@inquirer/prompts` on the controlling terminal.
 *
 * Inquirer works on Node's streams, and a stream reads ahead: after the answer it would swallow the
 * next key, which belongs to the next prompt or to the program that eac runs. So the streams are in
 * memory, and a key is read only while a prompt waits for one.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { TerminalDevice } from "../host/host.ts";

/** The second argument of every Inquirer prompt. */
export interface PromptContext {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  readonly clearPromptOnDone: boolean;
}

/** Matches one key: an escape sequence or a character. */
// deno-lint-ignore no-control-regex
const KEYS = /\x1b(?:\[[0-9;?]*[@-~]|O.)|[^]/gu;

/** Keys that leave a prompt: Ctrl-C, Ctrl-D, Ctrl-\, and Escape by itself. */
const LEAVE = new Set(["\x03", "\x04", "\x1c", "\x1b"]);

/**
 * Shows a prompt on the device and erases it afterwards.
 *
 * @param show Calls the prompt with the context that it is given.
 * @throws {EacError} `interrupted` when the user leaves it, `input_required` when the input ends.
 */
export async function promptOn<T>(
  device: TerminalDevice,
  show: (context: PromptContext) => Promise<T>,
): Promise<T> {
  const { PassThrough, Writable } = await import("node:stream");
  const input = new PassThrough();
  const output = Object.assign(
    new Writable({
      write(chunk: Uint8Array, _encoding, written) {
        device.write(new TextDecoder().decode(chunk));
        written();
      },
    }),
    device.size(),
  );
  const leave = new AbortController();
  let answered = false;
  let ended = false;
  device.setRaw(true);
  try {
    const answer = show({ input, output, signal: leave.signal, clearPromptOnDone: true });
    const settled = answer.then(() => {}, () => {}).then(() => void (answered = true));
    const decoder = new TextDecoder();
    await handled();
    while (!answered) {
      const bytes = await Promise.race([device.read(), settled]);
      if (bytes === undefined && !answered) ended = true;
      if (ended) leave.abort();
      for (
        const key of decoder.decode(bytes ?? new Uint8Array(), { stream: true }).match(KEYS) ?? []
      ) {
        if (LEAVE.has(key)) leave.abort();
        else input.write(key);
        await handled();
      }
      if (leave.signal.aborted) await settled;
    }
    return await answer;
  } catch (thrown) {
    if (ended) {
      throw new EacError("input_required", "the terminal closed before the question was answered");
    }
    if (leave.signal.aborted) throw new EacError("interrupted", "interrupted");
    throw thrown;
  } finally {
    device.setRaw(false);
    input.destroy();
  }
}

/** A prompt handles a key within one turn of the event loop; two are safe. */
async function handled(): Promise<void> {
  const { setImmediate } = await import("node:timers");
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
