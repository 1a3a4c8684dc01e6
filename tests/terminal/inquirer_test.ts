/** Prompts of Inquirer on the controlling terminal: what a prompt reads, and how it ends. */

import { promptOn } from "../../lib/terminal/inquirer.ts";
import { EacError } from "../../lib/errors.ts";
import type { TerminalDevice } from "../../lib/host/host.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

/** A terminal on which these bytes are typed, one read after the other, and the modes it was set to. */
function typing(...reads: (string | Uint8Array)[]) {
  const modes: boolean[] = [];
  const device: TerminalDevice = {
    read() {
      const next = reads.shift();
      return Promise.resolve(typeof next === "string" ? new TextEncoder().encode(next) : next);
    },
    write() {},
    setRaw: (raw) => void modes.push(raw),
    size: () => ({ columns: 80, rows: 24 }),
    close() {},
  };
  return { device, modes, reads };
}

/** A prompt that is answered by Enter; its answer is the list of keys before. */
const prompt: Parameters<typeof promptOn<string[]>>[1] = ({ input, signal }) =>
  new Promise((resolve, reject) => {
    const keys: string[] = [];
    signal.addEventListener("abort", () => reject(new Error("left")));
    input.on("data", (key: Uint8Array) => {
      const text = new TextDecoder().decode(key);
      if (text === "\r") resolve(keys);
      else keys.push(text);
    });
  });

Deno.test("a prompt reads one key at a time, even if the terminal sends several or half of one", async () => {
  const [first, second] = [Uint8Array.of(0xc3), Uint8Array.of(0xbc, 0x78)]; // ü, x
  const { device, modes } = typing("a\x1b[A", first, second, "\r");
  assertEquals(await promptOn(device, prompt), ["a", "\x1b[A", "ü", "x"]);
  assertEquals(modes, [true, false]);
});

Deno.test("a prompt leaves the keys after the answer to the next program", async () => {
  const { device, reads } = typing("a", "\r", "next");
  assertEquals(await promptOn(device, prompt), ["a"]);
  assertEquals(reads, ["next"]);
});

Deno.test("Ctrl-C, Ctrl-D, Ctrl-\\ and Escape interrupt a prompt", async () => {
  for (const key of ["\x03", "\x04", "\x1c", "\x1b"]) {
    const { device, modes } = typing("a", key);
    const { code } = await assertRejects(() => promptOn(device, prompt), EacError);
    assertEquals([code, modes], ["interrupted", [true, false]]);
  }
});

Deno.test("a prompt whose terminal closes is not answered", async () => {
  const { device, modes } = typing("a");
  const { code } = await assertRejects(() => promptOn(device, prompt), EacError);
  assertEquals([code, modes], ["input_required", [true, false]]);
});
