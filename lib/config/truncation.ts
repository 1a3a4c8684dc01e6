/**
 * Files that another program is writing in place: an editor truncates a file and writes it again,
 * and in between, the file lacks part of its content. Replacing it then would lose that part.
 *
 * @module
 */

import { EditableIni } from "./ini_edit.ts";

/**
 * Whether the file lost what a run read at its start: the whole file, a section, an access key, or the
 * end of a line. Sections that eac manages do not count, since any eac process may remove them.
 *
 * @param seen the bytes that the run read at its start; `undefined` if there was no file
 * @param now its bytes now; `undefined` if there is no file
 */
export function lostContent(seen: Uint8Array | undefined, now: Uint8Array | undefined): boolean {
  if (seen === undefined || isSame(seen, now)) return false;
  const before = foreign(seen);
  if (before === undefined || before.toBytes().length === 0) return false;
  const after = foreign(now ?? new Uint8Array());
  // It was valid before, and no longer is.
  if (after === undefined) return true;
  const [old, text] = [textOf(before), textOf(after)];
  if (text.length < old.length && old.startsWith(text)) return true;
  return endsWithinLine(old, text) || lacksSettings(before, after);
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.length === b?.length && a.every((byte, index) => byte === b[index]);
}

/** The document without the sections that eac manages; `undefined` for one that cannot be parsed. */
function foreign(bytes: Uint8Array): EditableIni | undefined {
  try {
    const document = EditableIni.parse(bytes, "");
    document.removeSections(
      [...settingsOf(document)].flatMap(([header, settings]) =>
        settings.get("managed_by") === "eac" ? [header] : []
      ),
    );
    return document;
  } catch {
    return undefined;
  }
}

type Settings = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The values by header and key. */
function settingsOf(document: EditableIni): Settings {
  const all = new Map<string, Map<string, string>>();
  for (const { header, properties } of document.sections) {
    const settings = all.get(header) ?? new Map<string, string>();
    for (const { key, value } of properties) settings.set(key, value);
    all.set(header, settings);
  }
  return all;
}

/** The bytes as text, one character per byte: the files may hold any encoding. */
function textOf(document: EditableIni): string {
  let text = "";
  for (const byte of document.toBytes()) text += String.fromCharCode(byte);
  return text;
}

/** Whether the last line is only the beginning of an earlier line. */
function endsWithinLine(old: string, text: string): boolean {
  const last = text.slice(text.lastIndexOf("\n") + 1);
  if (last === "") return false;
  const lines = old.split("\n");
  return !lines.includes(last) && lines.some((line) => line.startsWith(last));
}

/**
 * Whether a section or a key is gone: any key of the file's last section, and the AWS access keys
 * of the others.
 */
function lacksSettings(before: EditableIni, after: EditableIni): boolean {
  const end = after.sections.at(-1)?.header;
  const left = settingsOf(after);
  for (const [header, settings] of settingsOf(before)) {
    const there = left.get(header);
    if (there === undefined) return true;
    for (const key of settings.keys()) {
      if ((header === end || key.startsWith("aws_")) && !there.has(key)) return true;
    }
  }
  return false;
}
