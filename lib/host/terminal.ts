/**
 * The controlling terminal: what the user types and sees, whatever stdin, stdout and stderr are.
 *
 * @module
 */

import type { TerminalDevice } from "./host.ts";
import { writeAll } from "./files.ts";
import { beforeLeaving } from "./leaving.ts";
import { sleep } from "./timer.ts";
import { listen } from "./signals.ts";

const WINDOWS = Deno.build.os === "windows";

/** An input file whose raw mode must be undone. */
interface Keys {
  read(buffer: Uint8Array): Promise<number | null>;
  setRaw(raw: boolean): void;
  isTerminal(): boolean;
  close(): void;
}

/** An output for text for the user. */
interface Screen {
  write(text: string): void;
  /** Resolves when all text is on the screen. */
  flushed(): Promise<unknown>;
  close(): void;
}

/** The terminals in raw mode: a signal that ends this process would leave the user's shell in it. */
const raw = new Set<Keys>();

/** Restores every terminal's mode. */
function restoreTerminal(): void {
  for (const keys of raw) {
    try {
      keys.setRaw(false);
    } catch {
      // The terminal is gone, and its mode with it.
    }
  }
  raw.clear();
}

/** Opens the terminal; `undefined` on any failure. */
export function openTerminal(env: Env): TerminalDevice | undefined {
  const keys = openKeys();
  if (keys === undefined) return undefined;
  const screen = openScreen();
  if (screen === undefined) {
    keys.close();
    return undefined;
  }
  const buffer = new Uint8Array(4096);
  let stopListening = () => {};
  return {
    async read() {
      await screen.flushed();
      const length = await keys.read(buffer).catch(() => null);
      if (length !== null) {
        return WINDOWS ? inUtf8(buffer.slice(0, length)) : buffer.slice(0, length);
      }
      // The terminal is gone: SIGHUP follows and ends the run.
      await sleep(HANGUP);
      return undefined;
    },
    write: (text) => orGone(() => screen.write(text)),
    flushed: () => screen.flushed(),
    setRaw(on, onResume) {
      stopListening();
      stopListening = () => {};
      if (on) {
        raw.add(keys);
        beforeLeaving(restoreTerminal);
        stopListening = listen("SIGCONT", () => {
          // Deno skips a mode that it believes is set already.
          orGone(() => keys.setRaw(false));
          orGone(() => keys.setRaw(true));
          onResume?.();
        });
      } else raw.delete(keys);
      orGone(() => keys.setRaw(on));
    },
    size: () => terminalSize(env),
    close() {
      stopListening();
      if (raw.delete(keys)) orGone(() => keys.setRaw(false));
      keys.close();
      screen.close();
    },
  };
}

/** How long to wait for the SIGHUP that follows a hang-up, in milliseconds. */
const HANGUP = 200;

/** Writing to a closed terminal does nothing; reading from it reports the end. */
function orGone(act: () => void): void {
  try {
    act();
  } catch {
    // Gone.
  }
}

type Env = Readonly<Record<string, string | undefined>>;

function terminalSize(env: Env): { columns: number; rows: number } {
  let size = { columns: 0, rows: 0 };
  try {
    size = Deno.consoleSize();
  } catch {
    // None of the three streams is a terminal.
  }
  // A terminal that does not know its width reports 0.
  const number = (text: string | undefined) => /^[1-9]\d{0,3}$/.test(text ?? "") && Number(text);
  return {
    columns: size.columns || number(env.COLUMNS) || 80,
    rows: size.rows || number(env.LINES) || 24,
  };
}

function openKeys(): Keys | undefined {
  const name = WINDOWS ? "CONIN$" : "/dev/tty";
  const file = held.keys ?? tryOpen(name, { read: true, write: WINDOWS });
  if (file?.isTerminal()) return file === held.keys ? lasting(file) : file;
  file?.close();
  return WINDOWS && Deno.stdin.isTerminal() ? lasting(Deno.stdin) : undefined;
}

/** What stays open for the next prompt. */
function lasting(keys: Omit<Keys, "close">): Keys {
  return {
    read: (buffer) => keys.read(buffer),
    setRaw: (on) => keys.setRaw(on),
    isTerminal: () => true,
    close() {},
  };
}

const UTF8_CODE_PAGE = 65001;

/** Windows's functions for the encoding of a console. */
interface Encodings {
  GetConsoleCP(): number;
  MultiByteToWideChar(
    codePage: number,
    flags: number,
    bytes: Uint8Array<ArrayBuffer>,
    length: number,
    wide: Uint8Array<ArrayBuffer> | null,
    room: number,
  ): number;
}

function openEncodings(): Encodings | undefined {
  try {
    return Deno.dlopen("kernel32.dll", {
      GetConsoleCP: { parameters: [], result: "u32" },
      MultiByteToWideChar: {
        parameters: ["u32", "u32", "buffer", "i32", "buffer", "i32"],
        result: "i32",
      },
    }).symbols;
  } catch {
    return undefined; // given up already
  }
}

/** A Windows console gives what is typed in its code page (437, 850, 932), and Deno passes that on. */
function inUtf8(typed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (typed.every((byte) => byte < 0x80)) return typed;
  const encodings = held.encodings ??= openEncodings();
  const codePage = encodings?.GetConsoleCP() ?? 0;
  if (encodings === undefined || codePage === 0 || codePage === UTF8_CODE_PAGE) return typed;
  // No code page needs more than one unit of UTF-16 for a byte.
  const wide = new Uint8Array(2 * typed.length);
  const units = encodings.MultiByteToWideChar(codePage, 0, typed, typed.length, wide, typed.length);
  const text = new TextDecoder("utf-16le").decode(wide.subarray(0, 2 * units));
  return new TextEncoder().encode(text);
}

function openScreen(): Screen | undefined {
  const lasting = Deno.stderr.isTerminal() ? Deno.stderr : held.screen;
  const file = lasting ?? tryOpen(WINDOWS ? "CONOUT$" : "/dev/tty", { write: true });
  if (file === undefined) return WINDOWS ? undefined : screenThroughCat();
  const encoder = new TextEncoder();
  return {
    write: (text) => writeAll(file, encoder.encode(text)),
    flushed: () => Promise.resolve(),
    close: () => file === lasting || file.close(),
  };
}

/** Deno opens `/dev/tty` for writing only with all permissions; a child needs none of them. */
function screenThroughCat(): Screen | undefined {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return undefined;
  const encoder = new TextEncoder();
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    write(text) {
      // Started at the first output: many callers only check whether there is a terminal.
      writer ??= startCat().getWriter();
      last = writer.write(encoder.encode(text)).catch(() => {});
    },
    flushed: () => last,
    close: () => void writer?.close().catch(() => {}),
  };
}

function startCat(): WritableStream<Uint8Array> {
  const cat = new Deno.Command("/bin/sh", {
    args: ["-c", "exec cat >/dev/tty 2>/dev/null"],
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  cat.unref();
  return cat.stdin;
}

function tryOpen(path: string, options: Deno.OpenOptions): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, options);
  } catch {
    return undefined;
  }
}

/** What was opened before permissions were dropped, for all later prompts. */
const held: {
  keys?: Deno.FsFile | undefined;
  screen?: Deno.FsFile | undefined;
  encodings?: Encodings | undefined;
} = {};

/**
 * Opens now what Deno would refuse after any permission is dropped. False if a later prompt would
 * still have to start `cat`.
 */
export function keepTerminal(): boolean {
  if (WINDOWS) {
    held.keys ??= tryOpen("CONIN$", { read: true, write: true });
    if (held.keys !== undefined) held.encodings ??= openEncodings();
  }
  if (Deno.stderr.isTerminal()) return true;
  held.screen ??= tryOpen(WINDOWS ? "CONOUT$" : "/dev/tty", { write: true });
  if (held.screen !== undefined || WINDOWS) return true;
  const tty = tryOpen("/dev/tty", { read: true });
  tty?.close();
  return tty === undefined;
}
