/**
 * The file that the IAM console offers for download when it made an access key. Pure.
 *
 * It is CSV with a line of names: `Access key ID,Secret access key`, older ones with `User name`
 * before and more behind; often with a byte order mark.
 *
 * @module
 */

/** What the file says; `undefined` for another file. */
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

/** No cell holds a comma: keys and user names have none. */
function cells(line: string): string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}
