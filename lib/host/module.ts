/**
 * Loads a user's module into this process; its stdin carries the requests.
 *
 * @module
 */

import { EacError } from "../errors.ts";

/**
 * The first Deno version whose compiled programs read TypeScript from the disk (found by testing).
 */
const READS_TYPESCRIPT = [2, 8, 2] as const;

/** Imports a module; see {@linkcode Host.importFile}. */
export async function importFile(path: string, url: string, sealed = false): Promise<unknown> {
  consoleToStderr();
  failBriefly();
  // Deno checks a path of a unix socket as a file, not as a host.
  if (sealed) revoke(Deno.build.standalone ? ["write", "read"] : ["write"]);
  try {
    const module = await import(url);
    if (sealed) revoke(["read"]);
    return module;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError) || !path.endsWith(".ts") || readsTypeScript()) {
      throw thrown;
    }
    throw new EacError(
      "strategy_failed",
      `this eac (Deno ${Deno.version.deno}) cannot read TypeScript: write it as JavaScript (.js) with types ` +
        `in comments, or take an eac that is built with Deno ${
          READS_TYPESCRIPT.join(".")
        } or later`,
      { cause: thrown },
    );
  }
}

function revoke(names: readonly ("read" | "write")[]): void {
  for (const name of names) Deno.permissions.revokeSync({ name });
}

function readsTypeScript(): boolean {
  if (!Deno.build.standalone) return true;
  const version = Deno.version.deno.split(".").map(Number);
  const at = READS_TYPESCRIPT.findIndex((least, index) => version[index] !== least);
  return at < 0 || version[at]! > READS_TYPESCRIPT[at]!;
}

/** stdout is for the answers; a module's console output is for the user. */
function consoleToStderr(): void {
  const { error } = console;
  const say = (...words: unknown[]) => {
    if (words.length > 0) error(...words);
  };
  // Deno's table, group, count and time write to stdout directly, not by `log`: they are printed as
  // plain text here.
  const stays = new Set<PropertyKey>(["error", "warn", "trace", "assert"]);
  globalThis.console = new Proxy(console, {
    get: (own, name) => stays.has(name) ? Reflect.get(own, name) : say,
  });
}

/** Reports an unhandled rejection, which ends the process, in one line without a stack trace. */
function failBriefly(): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event;
    console.error(reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
    Deno.exit(1);
  });
}

const lines = { decoder: new TextDecoder(), rest: "", ended: false };

/** The next line of stdin; see {@linkcode Host.readLine}. */
export async function readLine(): Promise<string | undefined> {
  for (;;) {
    const end = lines.rest.indexOf("\n");
    if (end >= 0) {
      const line = lines.rest.slice(0, end);
      lines.rest = lines.rest.slice(end + 1);
      return line;
    }
    if (lines.ended) return undefined;
    const buffer = new Uint8Array(64 * 1024);
    const count = await Deno.stdin.read(buffer);
    lines.ended = count === null;
    lines.rest += lines.decoder.decode(buffer.subarray(0, count ?? 0), { stream: count !== null });
  }
}
