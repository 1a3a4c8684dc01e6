/**
 * Executables of macOS (Mach-O, 64 bits): what `deno compile` adds to one, and whether the result is what
 * the system loads. Layout: `<mach-o/loader.h>`. Signature: `cs_blobs.h` of Apple's XNU.
 *
 * @module
 */

const MAGIC = 0xfeedfacf;
const CPU_ARM64 = 0x0100000c;
const HEADER_SIZE = 32;

const LC_SYMTAB = 0x2;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;

/** Data of `__LINKEDIT` that a command refers to: its fields for offset and count, and bytes per item. */
const TABLES: Readonly<
  Record<number, readonly (readonly [offset: number, count: number, unit: number])[]>
> = {
  [LC_SYMTAB]: [[8, 12, 16], [16, 20, 1]],
  0xb: [[56, 60, 4]], // LC_DYSYMTAB: indirect symbols; the others are empty in executables
  [LC_CODE_SIGNATURE]: [[8, 12, 1]],
  0x26: [[8, 12, 1]], // LC_FUNCTION_STARTS
  0x29: [[8, 12, 1]], // LC_DATA_IN_CODE
  0x80000022: [[8, 12, 1], [16, 20, 1], [24, 28, 1], [32, 36, 1], [40, 44, 1]], // LC_DYLD_INFO_ONLY
  0x80000033: [[8, 12, 1]], // LC_DYLD_EXPORTS_TRIE
  0x80000034: [[8, 12, 1]], // LC_DYLD_CHAINED_FIXUPS
};

/** The segment in which `deno compile` stores the program on ARM. */
const PAYLOAD_SEGMENT = "__SUI";

/** What precedes the program at the end of the file on Intel. */
const PAYLOAD_MARK = "<~sui-data~>\xef\xbe\xad\xde";

/** How the program begins and ends. */
const PROGRAM_MARK = "d3n0l4nd";

interface Command {
  readonly kind: number;
  /** Its position in the file. */
  readonly at: number;
  readonly size: number;
}

/** A segment: a range of the file, mapped to a range of addresses. */
interface Segment extends Command {
  readonly name: string;
  readonly address: number;
  readonly memory: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Reads and writes fields of an executable. */
class MachO {
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array<ArrayBuffer>) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.u32(0) !== MAGIC) throw new Error("not a 64-bit Mach-O executable");
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }

  setU64(at: number, value: number): void {
    this.view.setBigUint64(at, BigInt(value), true);
  }

  text(at: number, length: number): string {
    return latin1(this.bytes.subarray(at, at + length)).replace(/\0.*$/s, "");
  }

  get isArm(): boolean {
    return this.u32(4) === CPU_ARM64;
  }

  get commandsEnd(): number {
    return HEADER_SIZE + this.u32(20);
  }

  commands(): Command[] {
    const all: Command[] = [];
    let at = HEADER_SIZE;
    for (let left = this.u32(16); left > 0; left--) {
      const size = this.u32(at + 4);
      all.push({ kind: this.u32(at), at, size });
      at += size;
    }
    return all;
  }

  segments(): Segment[] {
    return this.commands().filter(({ kind }) => kind === LC_SEGMENT_64).map((command) => ({
      ...command,
      name: this.text(command.at + 8, 16),
      address: this.u64(command.at + 24),
      memory: this.u64(command.at + 32),
      offset: this.u64(command.at + 40),
      bytes: this.u64(command.at + 48),
    }));
  }
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** The last position of a text in the bytes, or -1. */
function lastIndexOf(bytes: Uint8Array, text: string): number {
  const wanted = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  let at = bytes.lastIndexOf(wanted[0]!);
  while (at >= 0 && !wanted.every((byte, index) => bytes[at + index] === byte)) {
    at = at === 0 ? -1 : bytes.lastIndexOf(wanted[0]!, at - 1);
  }
  return at;
}

/** The executable to which `deno compile` added a program, without that program. */
export function withoutProgram(compiled: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const file = new MachO(compiled.slice());
  return file.isArm ? withoutSegment(file) : withoutTail(file);
}

/** On ARM the program is a segment in front of `__LINKEDIT`, whose data has moved by its size. */
function withoutSegment(file: MachO): Uint8Array<ArrayBuffer> {
  const added = file.segments().find(({ name }) => name === PAYLOAD_SEGMENT);
  const linkedit = file.segments().find(({ name }) => name === "__LINKEDIT");
  if (added === undefined || linkedit === undefined) throw new Error("it holds no program");
  file.setU64(linkedit.at + 24, linkedit.address - added.memory);
  file.setU64(linkedit.at + 40, linkedit.offset - added.bytes);
  for (const { kind, at } of file.commands()) {
    for (const [field] of TABLES[kind] ?? []) {
      const offset = file.u32(at + field);
      if (offset > added.offset) file.view.setUint32(at + field, offset - added.bytes, true);
    }
  }
  const end = file.commandsEnd;
  file.bytes.copyWithin(added.at, added.at + added.size, end);
  file.bytes.fill(0, end - added.size, end);
  file.view.setUint32(16, file.u32(16) - 1, true);
  file.view.setUint32(20, file.u32(20) - added.size, true);
  const rest = file.bytes.subarray(added.offset + added.bytes);
  const result = new Uint8Array(added.offset + rest.length);
  result.set(file.bytes.subarray(0, added.offset));
  result.set(rest, added.offset);
  return result;
}

/** On Intel the program follows at the end; `__LINKEDIT` and the last table, its strings, reach over it. */
function withoutTail(file: MachO): Uint8Array<ArrayBuffer> {
  const end = lastIndexOf(file.bytes, PAYLOAD_MARK);
  const linkedit = file.segments().at(-1);
  if (end < 0 || linkedit?.name !== "__LINKEDIT") throw new Error("it holds no program");
  for (const field of [32, 48]) file.setU64(linkedit.at + field, end - linkedit.offset);
  for (const { kind, at } of file.commands()) {
    if (kind === LC_SYMTAB) file.view.setUint32(at + 20, end - file.u32(at + 16), true);
  }
  return file.bytes.slice(0, end);
}

/** What {@linkcode checkExecutable} found. */
export interface Findings {
  /** What it is: `arm64, signed ad hoc, 5,840 pages`. */
  readonly summary: string;
  /** What is wrong with it. */
  readonly problems: readonly string[];
}

/**
 * Checks a compiled program: segments neither overlap nor leave the file, all tables are in `__LINKEDIT`,
 * the program is where the runtime looks for it, and on ARM, whose system kills an unsigned program, the
 * signature has the digest of every page.
 */
export async function checkExecutable(bytes: Uint8Array<ArrayBuffer>): Promise<Findings> {
  const file = new MachO(bytes);
  const problems: string[] = [];
  const require = (holds: boolean, problem: string) => void (holds || problems.push(problem));
  const { isArm } = file;
  checkSegments(file, require);
  const segments = file.segments();
  const linkedit = segments.at(-1)!;
  for (const { kind, at } of file.commands()) {
    for (const [field, count, unit] of TABLES[kind] ?? []) {
      const [offset, length] = [file.u32(at + field), file.u32(at + count) * unit];
      const isInside = offset >= linkedit.offset && offset + length <= bytes.length;
      require(length === 0 || isInside, `a table of command 0x${kind.toString(16)} is elsewhere`);
    }
  }
  const added = segments.find(({ name }) => name === PAYLOAD_SEGMENT);
  const mark = isArm ? added?.offset ?? -1 : lastIndexOf(bytes, PAYLOAD_MARK);
  const start = isArm ? mark : mark + PAYLOAD_MARK.length + 8; // a length of eight bytes follows the mark
  require(mark >= 0, "it holds no program");
  require(
    file.text(start, 8) === PROGRAM_MARK,
    "the program is not where the runtime looks for it",
  );
  const signature = file.commands().find(({ kind }) => kind === LC_CODE_SIGNATURE);
  if (isArm) require(signature !== undefined, "it is not signed");
  const signed = isArm && signature !== undefined
    ? await checkSignature(file, file.u32(signature.at + 8), require)
    : "not signed";
  return { summary: `${isArm ? "arm64" : "x86_64"}, ${signed}`, problems };
}

type Require = (holds: boolean, problem: string) => void;

function checkSegments(file: MachO, require: Require): void {
  const page = file.isArm ? 0x4000 : 0x1000;
  const segments = file.segments();
  const sizes = file.commands().reduce((sum, { size }) => sum + size, HEADER_SIZE);
  require(sizes === file.commandsEnd, "the sizes of the load commands do not add up");
  segments.forEach(({ name, address, memory, offset, bytes }, index) => {
    const next = segments[index + 1];
    require(offset % page === 0 && address % page === 0, `${name} does not begin at a page`);
    require(offset + bytes <= file.bytes.length, `${name} leaves the file`);
    require(
      next === undefined || address + memory <= next.address,
      `${name} overlaps the next segment`,
    );
    require(
      next === undefined || next.bytes === 0 || offset + bytes <= next.offset,
      `the bytes of ${name} overlap the next segment's`,
    );
  });
  const last = segments.at(-1);
  require(
    last?.name === "__LINKEDIT" && last.offset + last.bytes === file.bytes.length,
    "__LINKEDIT does not end the file",
  );
}

const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const AD_HOC = 2;
const SHA256 = 2;

/** Checks the digest of every page. Numbers in a signature are big-endian. */
async function checkSignature(file: MachO, offset: number, require: Require): Promise<string> {
  const u32 = (at: number) => file.view.getUint32(offset + at);
  require(u32(0) === SUPER_BLOB, "the signature is no SuperBlob");
  const blobs = Array.from({ length: u32(8) }, (_, index) => u32(16 + 8 * index));
  const directory = blobs.find((at) => u32(at) === CODE_DIRECTORY);
  if (directory === undefined) {
    require(false, "the signature has no CodeDirectory");
    return "not signed";
  }
  const flags = u32(directory + 12);
  const digests = offset + directory + u32(directory + 16);
  const pages = u32(directory + 28);
  const limit = u32(directory + 32);
  const [length, kind, , shift] = file.bytes.subarray(offset + directory + 36);
  const page = 2 ** shift!;
  require(limit === offset, "the signature does not cover all that precedes it");
  require(kind === SHA256 && length === 32, "its digests are not SHA-256");
  require(pages === Math.ceil(limit / page), "it has not one digest per page");
  let wrong = 0;
  for (let index = 0; index < pages; index++) {
    const end = Math.min((index + 1) * page, limit);
    const digest = await crypto.subtle.digest("SHA-256", file.bytes.subarray(index * page, end));
    const stated = file.bytes.subarray(digests + index * 32, digests + (index + 1) * 32);
    if (!new Uint8Array(digest).every((byte, at) => byte === stated[at])) wrong++;
  }
  require(wrong === 0, `the digests of ${wrong} pages are wrong`);
  return `signed ${flags & AD_HOC ? "ad hoc" : "with a certificate"}, ` +
    `${pages.toLocaleString("en")} page digests`;
}
