/**
 * One question with a line for an answer, on the controlling terminal.
 *
 * What the keys do is a pure function of the line and a key, so that it can be tested without a
 * terminal; asking is a loop around it.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { TerminalDevice } from "../host/host.ts";
import { displayWidth } from "../text/width.ts";

/** A line while it is being typed. */
export interface Line {
  readonly text: string;
  /** Inside what an arrow key or a bracketed paste sends: it is no text. */
  readonly sequence?: "escape" | "csi" | "ss3";
  /** How it ended: Enter, Ctrl-C, or Ctrl-D on an empty line. */
  readonly end?: "entered" | "interrupted" | "closed";
}

/** Nothing typed yet. */
export const EMPTY_LINE: Line = { text: "" };

/** What a person could have typed on one line; a whole file pasted by mistake is cut here. */
const LONGEST_LINE = 4096;

/** The line after one more character. What comes after its end is not taken. */
export function press(line: Line, key: string): Line {
  const { text, sequence, end } = line;
  if (end !== undefined) return line;
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

/** What turns the shown line into the next one: both differ only at their end. */
export function redraw(from: string, to: string): string {
  const before = [...from];
  const after = [...to];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const gone = displayWidth(before.slice(same).join(""));
  return "\b \b".repeat(gone) + after.slice(same).join("");
}

/** Asks for a line whose text is shown while it is typed; blanks around it are cut off. */
export async function askLine(device: TerminalDevice, question: string): Promise<string> {
  return (await ask(device, question, true)).trim();
}

/** Asks for a line that is not shown. */
export function askSecret(device: TerminalDevice, question: string): Promise<string> {
  return ask(device, question, false);
}

/** Throws {@linkcode EacError} `interrupted` at Ctrl-C, `input_required` at the end of input. */
async function ask(device: TerminalDevice, question: string, shown: boolean): Promise<string> {
  const decoder = new TextDecoder();
  let line = EMPTY_LINE;
  device.setRaw(true);
  try {
    device.write(question);
    while (line.end === undefined) {
      const bytes = await device.read();
      if (bytes === undefined) line = { ...line, end: "closed" };
      for (const key of decoder.decode(bytes, { stream: bytes !== undefined })) {
        const next = press(line, key);
        if (shown) device.write(redraw(line.text, next.text));
        line = next;
      }
    }
  } finally {
    device.setRaw(false);
    device.write("\n");
  }
  if (line.end === "interrupted") throw new EacError("interrupted", "interrupted");
  if (line.end === "closed") {
    throw new EacError("input_required", "the terminal's input ended before an answer came");
  }
  return line.text;
}
