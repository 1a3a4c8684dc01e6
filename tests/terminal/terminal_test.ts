/** Prompts, tables and color on the terminal. */

import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { EacError } from "../../lib/errors.ts";
import {
  askLine,
  askSecret,
  EMPTY_LINE,
  type Line,
  press,
  redraw,
} from "../../lib/terminal/ask.ts";
import { askMfaCode } from "../../lib/terminal/mfa_prompt.ts";
import { makeStyle, usesColor, usesUnicode } from "../../lib/terminal/style.ts";
import { formatTable } from "../../lib/terminal/table.ts";
import { displayWidth, truncate } from "../../lib/text/width.ts";
import { testHost } from "../support/fakes.ts";
import { NO_PTY, onTerminal, word } from "../support/pty.ts";

const SERIAL = "arn:aws:iam::123456789012:mfa/alice";

function typing(keys: string): Line {
  return [...keys].reduce(press, EMPTY_LINE);
}

Deno.test("press edits the line like a shell", () => {
  const table: [keys: string, text: string][] = [
    ["abc", "abc"],
    ["aé漢😀", "aé漢😀"],
    ["abc\x7f\b", "a"],
    ["😀\x7f", ""],
    ["\x7f\x7f", ""],
    ["one two\x15three", "three"],
    ["one two  \x17", "one "],
    ["one\x17two", "two"],
    ["a\tb\x00c\x1a", "abc"],
    // Arrow keys, function keys and Home are no text, nor is what marks a paste.
    ["1\x1b[A2\x1b[1;5C3\x1bOP4", "1234"],
    ["\x1b[200~123456\x1b[201~", "123456"],
    // Escape by itself does not swallow the next key.
    ["\x1b123", "123"],
    ["12\x0434", "1234"],
  ];
  for (const [keys, text] of table) assertEquals(typing(keys).text, text, JSON.stringify(keys));
});

Deno.test("press ends the line at Enter, Ctrl-C and Ctrl-D, and ignores later keys", () => {
  assertEquals(typing("ab\rcd"), { text: "ab", end: "entered" });
  assertEquals(typing("ab\ncd"), { text: "ab", end: "entered" });
  assertEquals(typing("ab\x03cd").end, "interrupted");
  assertEquals(typing("\x04cd").end, "closed");
});

Deno.test("press handles control keys inside an unfinished escape sequence", () => {
  for (const start of ["\x1b", "\x1b[", "\x1b[1;", "\x1bO"]) {
    assertEquals(typing(`ab${start}\x03`).end, "interrupted", JSON.stringify(start));
    assertEquals(typing(`ab${start}\x1c`).end, "interrupted", JSON.stringify(start));
    assertEquals(typing(`${start}\x04`).end, "closed", JSON.stringify(start));
    assertEquals(typing(`ab${start}\r`), { text: "ab", end: "entered" }, JSON.stringify(start));
    assertEquals(typing(`ab${start}\x1b[Ac`), { text: "abc" }, JSON.stringify(start));
  }
});

Deno.test("redraw erases as many columns as the characters took", () => {
  assertEquals(redraw("ab", "abc"), "c");
  assertEquals(redraw("ab漢", "ab"), "\b \b\b \b");
  assertEquals(redraw("abc", ""), "\b \b".repeat(3));
  assertEquals(redraw("ab", "ab"), "");
});

Deno.test("askLine reads an answer that arrives in pieces, also within a character", async () => {
  using host = testHost({ typed: "" });
  const pieces = ["caf", "\xc3", "\xa9 \r"].map((text) =>
    Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  );
  const device = { ...opened(host), read: () => Promise.resolve(pieces.shift()) };
  assertEquals(await askLine(device, "name? "), "café");
  assertEquals(host.printed.terminal, "name? café \n");
});

function opened(host: ReturnType<typeof testHost>) {
  const device = host.openTerminal();
  assert(device);
  return device;
}

Deno.test("askSecret shows the question and no answer", async () => {
  using host = testHost({ typed: "hunter2\r" });
  assertEquals(await askSecret(opened(host), "secret: "), "hunter2");
  assertEquals(host.printed.terminal, "secret: \n");
});

Deno.test("askLine fails with different errors at Ctrl-C and at the end of input", async () => {
  for (const [typed, code] of [["12\x03", "interrupted"], ["12", "input_required"]] as const) {
    using host = testHost({ typed });
    const raw: boolean[] = [];
    const device = { ...opened(host), setRaw: (on: boolean) => void raw.push(on) };
    const error = await assertRejects(() => askLine(device, "? "), EacError);
    assertEquals((error as EacError).code, code);
    assertEquals(raw, [true, false]);
  }
});

Deno.test("askMfaCode names the device and accepts a code with spaces", async () => {
  using host = testHost({ typed: "123 456\r" });
  assertEquals(await askMfaCode(opened(host), SERIAL), "123456");
  assertEquals(host.printed.terminal, `MFA code for alice (${SERIAL}): 123 456\n`);
});

Deno.test("askMfaCode asks again after input that cannot be a code", async () => {
  using host = testHost({ typed: ["\r", "12345\r", "abcdef\r", "1234567\r", "654321\r"] });
  assertEquals(await askMfaCode(opened(host), "GAHT12345678"), "654321");
  const { terminal } = host.printed;
  assertEquals(terminal.split("MFA code for GAHT12345678: ").length, 6);
  assertEquals(terminal.split("an MFA code has six digits\n").length, 5);
});

Deno.test("usesColor follows the flag, then FORCE_COLOR and NO_COLOR, then the terminal", () => {
  const on = (
    env: Record<string, string>,
    isTerminal = true,
    choice: "auto" | "always" | "never" = "auto",
  ) => usesColor({ write() {}, isTerminal }, { env }, choice);
  assertEquals(on({}), true);
  assertEquals(on({}, false), false);
  assertEquals(on({ TERM: "dumb" }), false);
  assertEquals(on({ NO_COLOR: "1" }), false);
  assertEquals(on({ NO_COLOR: "" }), true);
  assertEquals(on({ FORCE_COLOR: "1" }, false), true);
  assertEquals(on({ FORCE_COLOR: "0" }), false);
  assertEquals(on({ FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  assertEquals(on({ NO_COLOR: "1" }, false, "always"), true);
  assertEquals(on({ FORCE_COLOR: "1" }, true, "never"), false);
  assertEquals(makeStyle(true).red("x"), "\x1b[31mx\x1b[39m");
  assertEquals(makeStyle(false).red("x"), "x");
});

Deno.test("usesUnicode follows the locale", () => {
  const shows = (env: Record<string, string>, os: "linux" | "darwin" = "linux") =>
    usesUnicode({ env, os });
  assertEquals(shows({ LANG: "de_DE.UTF-8" }), true);
  assertEquals(shows({ LC_ALL: "C", LANG: "de_DE.UTF-8" }), false);
  assertEquals(shows({}), false);
  assertEquals(shows({}, "darwin"), true);
  assertEquals(shows({ LANG: "C.utf8", TERM: "dumb" }), false);
});

Deno.test("displayWidth counts columns, not UTF-16 code units", () => {
  const table: [text: string, width: number][] = [
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 1],
    ["漢字", 4],
    ["ｶﾅ", 2],
    ["한", 2],
    ["😀", 2],
    ["👩‍👩‍👧", 2],
    ["🇨🇭", 2],
    ["❤️", 2],
    ["\u200b", 0],
  ];
  for (const [text, width] of table) assertEquals(displayWidth(text), width, text);
  assertEquals(truncate("漢字漢字", 4, "…"), "漢…");
  assertEquals(truncate("abcdef", 4, "~"), "abc~");
  assertEquals(truncate("abc", 3, "…"), "abc");
});

Deno.test("formatTable aligns columns, also with wide characters, without trailing spaces", () => {
  assertEquals(
    formatTable([["NAME", "MFA"], ["本番", "yes"], ["prod", ""]]),
    "NAME  MFA\n本番  yes\nprod\n",
  );
});

Deno.test("formatTable cuts the widest column first and the name last", () => {
  const rows = [["production", "eu-west-1", "arn:aws:iam::123456789012:role/Admin"]];
  assertEquals(formatTable(rows, { width: 40 }), "production  eu-west-1  arn:aws:iam::123…\n");
  assertEquals(formatTable(rows, { width: 26 }), "production  eu-we…  arn:a…\n");
  assertEquals(formatTable(rows, { width: 22, ellipsis: "~" }), "produ~  eu-we~  arn:a~\n");
  assertEquals(formatTable(rows).trim().length, 10 + 2 + 9 + 2 + 36);
});

Deno.test("formatTable styles the text and not the padding, and escapes control characters", () => {
  const style = (text: string, row: number) => row === 0 ? `<${text}>` : text;
  assertEquals(formatTable([["A", "B"], ["long", "b"]], { style }), "<A>     <B>\nlong  b\n");
  assertEquals(formatTable([["a\nb\tc\x1b[2J"]]), "a b c\\x1b[2J\n");
});

Deno.test({
  name: `askMfaCode works on a real terminal and restores it${
    NO_PTY ? ` (ignored: ${NO_PTY})` : ""
  }`,
  ignore: NO_PTY !== undefined,
  async fn() {
    const module = (path: string) => new URL(`../../lib/${path}`, import.meta.url).href;
    const code = `const { realHost } = await import("${module("host/real.ts")}");
      const { askMfaCode } = await import("${module("terminal/mfa_prompt.ts")}");
      const device = realHost().openTerminal();
      try { console.log("code " + await askMfaCode(device, "${SERIAL}")); }
      catch (error) { console.log(error.code); }
      device.close();
      Deno.exit();`;
    const command = `${word(Deno.execPath())} eval ${word(code)}; stty -a | grep -o ' icanon'`;
    const question = `MFA code for alice (${SERIAL}): `;
    const typed = await onTerminal(command, [[question, "12\x7f23"], ["\b \b23", "456\r"]]);
    assertEquals(typed.screen, `${question}12\b \b23456\r\ncode 123456\r\n icanon\r\n`);
    const left = await onTerminal(command, [[question, "12\x03"]]);
    assertEquals(left.screen, `${question}12\r\ninterrupted\r\n icanon\r\n`);
  },
});
