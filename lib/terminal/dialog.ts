/**
 * Asks for an MFA code in a desktop dialog: where there is no terminal, as in an IDE.
 *
 * Each system has its own program for that. The code comes back on the program's stdout and is never an
 * argument, which every user of the machine could read.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, Outcome, Program } from "../host/host.ts";
import { whyNoDesktop } from "./desktop.ts";
import { printable } from "../text/printable.ts";

/** The parts of the Host that a dialog uses. */
export type DialogHost = Pick<Host, "os" | "env" | "capture" | "parentProgram"> & {
  /** The path of a program on PATH. */
  findProgram(name: string): string | undefined;
};

/** What the dialog asks for. */
export interface DialogQuestion {
  /** The profile that needs the code. */
  readonly profile: string;
  /** The MFA device. */
  readonly serial: string;
  /** Why the user is asked again: the last code was rejected or not valid. */
  readonly again?: string | undefined;
}

/** A program that shows a dialog with one line to type. */
interface Dialog {
  /** What to run, given the text of the question. */
  program(path: string, text: string): Program;
  /** The typed line; `undefined` if the user canceled. */
  answerOf(outcome: Outcome): string | undefined;
}

/** How long a dialog stays open, in milliseconds, because the user may be away. */
const OPEN_FOR = 10 * 60_000;

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Most of these programs print the line and exit 0; any other exit is a canceled dialog. */
const lineOf = ({ code, stdout }: Outcome) =>
  code === 0 ? decode(stdout).replace(/\r?\n$/, "") : undefined;

const zenity: Dialog = {
  // Zenity reads a question as Pango markup.
  program: (command, text) => ({
    command,
    args: ["--entry", "--title=eac", `--text=${escapeMarkup(text)}`],
  }),
  answerOf: lineOf,
};

const kdialog: Dialog = {
  // KDialog shows a question with tags as HTML, and has no way to escape them.
  program: (command, text) => ({
    command,
    args: ["--title", "eac", "--inputbox", text.replaceAll("<", "‹").replaceAll(">", "›")],
  }),
  answerOf: lineOf,
};

/** The Assuan protocol of GnuPG's pinentry: one command a line, each answered by OK, ERR or data. */
const pinentry: Dialog = {
  program: (command, text) => ({
    command,
    args: [],
    input: [
      "SETTITLE eac",
      `SETDESC ${escapeAssuan(text)}`,
      "SETPROMPT MFA code:",
      "GETPIN",
      "BYE",
      "",
    ].join("\n"),
  }),
  answerOf: ({ stdout }) => {
    const [, line] = /^D (.*)$/m.exec(decode(stdout)) ?? [];
    return line === undefined ? undefined : decodeAssuan(line);
  },
};

const osascript: Dialog = {
  // The text is an argument of the script, never a part of it.
  program: (command, text) => ({
    command,
    args: [
      "-e",
      "on run argv",
      "-e",
      'display dialog (item 1 of argv) default answer "" with title "eac" ' +
      'buttons {"Cancel", "OK"} default button "OK" cancel button "Cancel"',
      "-e",
      "text returned of result",
      "-e",
      "end run",
      text,
    ],
  }),
  answerOf: lineOf,
};

const powershell: Dialog = {
  // The text goes in on stdin: PowerShell would parse it as an argument.
  program: (command, text) => ({
    command,
    args: [
      "-NoProfile",
      "-Command",
      "$text = [Console]::In.ReadToEnd(); Add-Type -AssemblyName Microsoft.VisualBasic; " +
      "[Microsoft.VisualBasic.Interaction]::InputBox($text, 'eac')",
    ],
    input: text,
  }),
  // A canceled box returns an empty line.
  answerOf: (outcome) => lineOf(outcome) || undefined,
};

/** The programs that show dialogs, the preferred one first. */
const DIALOGS: Readonly<Record<Host["os"], readonly (readonly [name: string, Dialog])[]>> = {
  linux: [
    ["zenity", zenity],
    ["kdialog", kdialog],
    ["pinentry-gnome3", pinentry],
    ["pinentry-qt", pinentry],
    ["pinentry-gtk-2", pinentry],
  ],
  darwin: [["osascript", osascript]],
  windows: [["powershell.exe", powershell]],
};

/** Why no dialog can be shown, as the end of a sentence; `undefined` if one can. */
export function whyNoDialog(
  host: Pick<DialogHost, "os" | "env" | "findProgram">,
): string | undefined {
  const noDesktop = whyNoDesktop(host);
  if (noDesktop !== undefined) return noDesktop;
  if (findDialog(host) !== undefined) return undefined;
  return `no dialog program is installed (${DIALOGS[host.os].map(([name]) => name).join(", ")})`;
}

/**
 * Asks for a code in a dialog, which names the profile, the device and the program that asks. Asks
 * again if the input is not six digits.
 *
 * @throws {EacError} `interrupted` when the user cancels, `input_required` where no dialog can be shown
 */
export async function askCodeInDialog(host: DialogHost, question: DialogQuestion): Promise<string> {
  const found = findDialog(host);
  if (found === undefined) {
    throw new EacError("input_required", `cannot ask for an MFA code: ${whyNoDialog(host)}`);
  }
  const { path, dialog } = found;
  let again = question.again;
  for (;;) {
    const text = await textOf(host, { ...question, again });
    const outcome = await host.capture({ ...dialog.program(path, text), timeout: OPEN_FOR });
    if (outcome.killed !== undefined) {
      throw new EacError("input_required", "the dialog for the MFA code was not answered", {
        hint: "run the command again, or pass --mfa-token CODE",
      });
    }
    const line = dialog.answerOf(outcome);
    if (line === undefined) throw new EacError("interrupted", "the dialog was canceled");
    const code = line.replace(/\s/g, "");
    if (/^\d{6}$/.test(code)) return code;
    again = "An MFA code has six digits.";
  }
}

async function textOf(
  host: DialogHost,
  { profile, serial, again }: DialogQuestion,
): Promise<string> {
  const asker = await host.parentProgram();
  const lines = [
    ...(again === undefined ? [] : [again, ""]),
    `MFA code for profile "${profile}"`,
    `Device: ${serial}`,
    ...(asker === undefined ? [] : [`Requested by: ${asker}`]),
  ];
  return lines.map((line) => printable(line)).join("\n");
}

function findDialog(
  host: Pick<DialogHost, "os" | "findProgram">,
): { readonly path: string; readonly dialog: Dialog } | undefined {
  for (const [name, dialog] of DIALOGS[host.os]) {
    const path = host.findProgram(name);
    if (path !== undefined) return { path, dialog };
  }
  return undefined;
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function escapeAssuan(text: string): string {
  return text.replace(
    /[%\r\n]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function decodeAssuan(line: string): string {
  return line.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
