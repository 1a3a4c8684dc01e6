/**
 * The CSV file that the IAM console offers for download after it has created an access key. Pure.
 *
 * The header is `Access key ID,Secret access key`; older files have `User name` before it and more
 * columns after it. A byte order mark is common.
 *
 * @module
 */

/** The access key in the file; `undefined` unless the file contains exactly one. */
export function readKeyFile(
  bytes: Uint8Array,
): { readonly id: string; readonly secret: string } | undefined {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/).filter((line) => line.trim() !== "");
  const [names = [], ...rows] = lines.map(cells);
  const id = names.findIndex((name) => /^access key id$/i.test(name));
  const secret = names.findIndex((name) => /^secret access key$/i.test(name));
  const row = rows[0];
  if (id < 0 || secret < 0 || !row?.[id] || !row[secret] || rows.length > 1) return undefined;
  return { id: row[id], secret: row[secret] };
}

/** Splits at every comma: neither keys nor user names contain one. */
function cells(line: string): string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}
