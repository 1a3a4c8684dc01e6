/**
 * Asks one question on the controlling terminal and reads one line.
 *
 * The effect of a key is a pure function of the line and the key, so it is tested without a
 * terminal.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { TerminalDevice } from "../host/host.ts";
import { displayWidth } from "../text/width.ts";

/** A line while it is being typed. */
export interface Line {
  readonly text: string;
  /** Inside an escape sequence, as sent by an arrow key or a bracketed paste: not text. */
  readonly sequence?: "escape" | "csi" | "ss3" | undefined;
  /** How the line ended: Enter, Ctrl-C, or Ctrl-D on an empty line. */
  readonly end?: "entered" | "interrupted" | "closed" | undefined;
}

/** Nothing typed yet. */
export const EMPTY_LINE: Line = { text: "" };

/** Longer than any typed line; a whole file pasted by mistake is cut here. */
const LONGEST_LINE = 4096;

/** The line after one more character. Characters after its end are ignored. */
export function press(line: Line, key: string): Line {
  const { text, sequence, end } = line;
  if (end !== undefined) return line;
  // Keys of an escape sequence are printable; a control key or another Escape cancels the sequence.
  if (sequence !== undefined && /\p{Cc}/u.test(key)) return press({ text }, key);
  if (sequence === "escape" && key === "[") return { text, sequence: "csi" };
  if (sequence === "escape" && key === "O") return { text, sequence: "ss3" };
  if (sequence === "ss3") return { text };
  if (sequence === "csi") return /[@-~]/.test(key) ? { text } : line;
  switch (key) {
    case "\r":
    case "\n":
      return { text, end: "entered" };
    case "\x03": // Ctrl-C
    case "\x1c": // Ctrl-\
      return { text, end: "interrupted" };
    case "\x04": // Ctrl-D
      return text === "" ? { text, end: "closed" } : line;
    case "\x7f": // Backspace
    case "\b":
      return { text: [...text].slice(0, -1).join("") };
    case "\x15": // Ctrl-U
      return EMPTY_LINE;
    case "\x17": // Ctrl-W
      return { text: text.replace(/\S*\s*$/u, "") };
    case "\x1b":
      return { text, sequence: "escape" };
  }
  if (/\p{Cc}/u.test(key) || text.length >= LONGEST_LINE) return { text };
  return { text: text + key };
}

/** The output that turns the displayed line into the next one; they differ only at the end. */
export function redraw(from: string, to: string): string {
  const before = [...from];
  const after = [...to];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const erased = displayWidth(before.slice(same).join(""));
  return "\b \b".repeat(erased) + after.slice(same).join("");
}

/** Asks for a line and echoes it; leading and trailing whitespace is removed. */
export async function askLine(device: TerminalDevice, question: string): Promise<string> {
  return (await ask(device, question, true)).trim();
}

/** Asks for a line without echo. */
export function askSecret(device: TerminalDevice, question: string): Promise<string> {
  return ask(device, question, false);
}

/** Asks a yes-or-no question until the answer is valid; Enter means `defaultAnswer`. */
export async function askYesNo(
  device: TerminalDevice,
  question: string,
  defaultAnswer: boolean,
): Promise<boolean> {
  for (;;) {
    const prompt = `${question} (${defaultAnswer ? "Y/n" : "y/N"}) `;
    const answer = (await askLine(device, prompt)).toLowerCase();
    if (answer === "") return defaultAnswer;
    if (/^(y|yes|n|no)$/.test(answer)) return answer.startsWith("y");
  }
}

/** Throws {@linkcode EacError} `interrupted` at Ctrl-C, `input_required` at the end of input. */
async function ask(device: TerminalDevice, question: string, shown: boolean): Promise<string> {
  const decoder = new TextDecoder();
  let line = EMPTY_LINE;
  const ownLines = shown && device.ownLines === true;
  // After `fg` the shell's output hides the question.
  if (!ownLines) device.setRaw(true, () => device.write(question + (shown ? line.text : "")));
  try {
    device.write(question);
    while (line.end === undefined) {
      const bytes = await device.read();
      if (bytes === undefined) line = { ...line, end: "closed" };
      for (const key of decoder.decode(bytes, { stream: bytes !== undefined })) {
        const next = press(line, key);
        if (shown && !ownLines) device.write(redraw(line.text, next.text));
        line = next;
      }
    }
  } finally {
    if (!ownLines) {
      device.setRaw(false);
      device.write("\n");
    }
  }
  if (line.end === "interrupted") throw new EacError("interrupted", "interrupted");
  if (line.end === "closed") {
    throw new EacError("input_required", "the terminal closed before the question was answered");
  }
  return line.text;
}
