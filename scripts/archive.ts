/**
 * Reproducible archives: the bytes depend only on the content, not on clock, user or directory
 * order.
 *
 * @module
 */

/** A file to pack. */
export interface Entry {
  /** Relative path with `/` separators. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly executable?: boolean;
}

/**
 * A gzipped tar in the ustar format (POSIX.1-1988); root owns every file.
 *
 * @param seconds modification time of every file, since 1970
 */
export function tarGz(
  entries: readonly Entry[],
  seconds: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const entry of entries) {
    parts.push(tarHeader(entry, seconds), entry.bytes, zeros(-entry.bytes.length & 511));
  }
  parts.push(zeros(1024));
  return through(new CompressionStream("gzip"), parts);
}

function tarHeader(entry: Entry, seconds: number): Uint8Array<ArrayBuffer> {
  const header = zeros(512);
  const text = (at: number, value: string) => header.set(new TextEncoder().encode(value), at);
  const octal = (at: number, width: number, value: number) =>
    text(at, value.toString(8).padStart(width - 1, "0"));
  if (entry.path.length > 100) throw new Error(`too long for a tar header: ${entry.path}`);
  text(0, entry.path);
  octal(100, 8, entry.executable ? 0o755 : 0o644);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, entry.bytes.length);
  octal(136, 12, seconds);
  text(148, " ".repeat(8)); // The checksum counts its own field as spaces.
  text(156, "0");
  text(257, "ustar\x0000root");
  text(297, "root");
  const sum = header.reduce((total, byte) => total + byte, 0);
  text(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** A zip with deflated files, which Windows opens without another program. */
export async function zip(
  entries: readonly Entry[],
  seconds: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const files: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  let listed = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.path);
    const packed = await through(new CompressionStream("deflate-raw"), [entry.bytes]);
    // The fields that the local header and the directory share (APPNOTE.TXT 4.3.7, 4.3.12).
    const common = record([
      [2, 20], // version needed
      [2, 0x0800], // names are UTF-8
      [2, 8], // deflate
      [4, dosTime(seconds)],
      [4, crc32(entry.bytes)],
      [4, packed.length],
      [4, entry.bytes.length],
      [2, name.length],
      [2, 0],
    ]);
    const mode = entry.executable ? 0o100755 : 0o100644;
    directory.push(
      record([[4, 0x02014b50], [2, 0x0314]]), // made by Unix, so the mode applies
      common,
      record([[2, 0], [2, 0], [2, 0], [4, mode * 0x10000], [4, at]]),
      name,
    );
    files.push(record([[4, 0x04034b50]]), common, name, packed);
    at += 4 + common.length + name.length + packed.length;
    listed += 6 + common.length + 14 + name.length;
  }
  const count = entries.length;
  const end = record([
    [4, 0x06054b50],
    [4, 0],
    [2, count],
    [2, count],
    [4, listed],
    [4, at],
    [2, 0],
  ]);
  return join([...files, ...directory, end]);
}

/** Encodes numbers of the given sizes in bytes, little-endian. */
function record(fields: readonly (readonly [2 | 4, number])[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return new Uint8Array(view.buffer);
}

/** MS-DOS date and time in UTC: the date in the high half, in steps of two seconds. */
function dosTime(seconds: number): number {
  const time = new Date(seconds * 1000);
  const date = (time.getUTCFullYear() - 1980) << 9 | (time.getUTCMonth() + 1) << 5 |
    time.getUTCDate();
  const clock = time.getUTCHours() << 11 | time.getUTCMinutes() << 5 | time.getUTCSeconds() >> 1;
  return date * 0x10000 + clock;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function zeros(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length);
}

function join(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = zeros(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function through(
  stream: CompressionStream,
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<Uint8Array<ArrayBuffer>> {
  const source = ReadableStream.from(parts).pipeThrough(stream);
  return new Uint8Array(await new Response(source).arrayBuffer());
}

/** The SHA-256 of the bytes in hexadecimal, like `sha256sum`. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
