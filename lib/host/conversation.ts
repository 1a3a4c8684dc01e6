/**
 * Exchanges lines with a program, which may ask questions before it answers.
 *
 * @module
 */

import type { Conversation, Outcome, Program } from "./host.ts";
import { endTree } from "./process_tree.ts";
import { DEFAULT_LIMIT, spawn } from "./processes.ts";
import { after } from "./timer.ts";

/** Characters of stderr that are stored: its last lines say what went wrong. */
const TAIL = 16 * 1024;

/**
 * Milliseconds to read what is in the pipes after the program has exited: its children may keep
 * them open.
 */
const DRAIN = 500;

/** Starts a program and exchanges lines with it; see {@linkcode Host.converse}. */
export function converse(
  program: Program,
  ownEnv: Readonly<Record<string, string | undefined>>,
): Conversation {
  const child = spawn(program, ownEnv, { stdin: "piped", stdout: "piped", stderr: "piped" });
  const stop = new AbortController();
  let killed: Outcome["killed"];
  let left = program.timeout ?? Infinity;

  // What it left behind may keep the pipes open, so they are given up with it.
  let cancelDrain = () => {};
  let allEnded: Promise<void> | undefined;
  const kill = (why: NonNullable<Outcome["killed"]>) => {
    if (killed !== undefined) return;
    killed = why;
    allEnded = endTree(child);
    stop.abort();
  };
  const abort = () => kill("aborted");
  program.signal?.addEventListener("abort", abort);
  if (program.signal?.aborted) abort();

  const lines = linesOf(child.stdout, program.limit ?? DEFAULT_LIMIT, stop.signal, kill);
  const stderr = listen(child.stderr, stop.signal, program.heard);
  const status = child.status.then((ended) => {
    cancelDrain = after(DRAIN, () => stop.abort());
    return ended;
  });
  const stdin = child.stdin.getWriter();
  let written: Promise<unknown> = Promise.resolve();
  let open = true;
  const hangUp = () => {
    if (!open) return;
    open = false;
    written = written.then(() => stdin.close()).catch(() => {});
  };

  /** Only time spent waiting for the program counts, not the time in which the user types a code. */
  async function limited<T>(work: Promise<T>): Promise<T> {
    const began = Date.now();
    const cancel = left === Infinity ? () => {} : after(left, () => kill("timeout"));
    try {
      return await work;
    } finally {
      cancel();
      left = Math.max(0, left - (Date.now() - began));
    }
  }

  return {
    read: () =>
      limited(lines.next().then(({ value }) => value || value === "" ? value : undefined)),
    write(text) {
      if (open) {
        written = written.then(() => stdin.write(new TextEncoder().encode(text))).catch(() => {});
      }
    },
    hangUp,
    async end() {
      hangUp();
      try {
        const { code } = await limited(status);
        await allEnded;
        return { code, stderr: await stderr, killed };
      } finally {
        stop.abort();
        await lines.return();
        cancelDrain();
        program.signal?.removeEventListener("abort", abort);
      }
    },
  };
}

/** The lines of a stream; the last one may lack a line break. Ends when the stream is canceled. */
async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  stop: AbortSignal,
  kill: (why: "limit") => void,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let room = limit;
  for await (const bytes of chunksOf(stream, stop)) {
    room -= bytes.length;
    if (room < 0) return kill("limit");
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) yield part.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

/** Forwards the text as it arrives, and stores the last part. */
async function listen(
  stream: ReadableStream<Uint8Array>,
  stop: AbortSignal,
  heard: (text: string) => void = () => {},
): Promise<Uint8Array> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const bytes of chunksOf(stream, stop)) {
    const text = decoder.decode(bytes, { stream: true });
    heard(text);
    tail = (tail + text).slice(-TAIL);
  }
  return new TextEncoder().encode(tail);
}

async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  stop.addEventListener("abort", cancel);
  try {
    if (stop.aborted) cancel();
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch {
    // Canceled because the program was killed.
  } finally {
    stop.removeEventListener("abort", cancel);
    cancel();
  }
}
