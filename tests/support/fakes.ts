/**
 * A Host for tests: a temp HOME with the real file operations and real loopback HTTP, but a clock
 * that does not advance, recorded outputs, and a terminal with scripted input.
 *
 *     using host = testHost({ env: { AWS_PROFILE: "prod" }, typed: "123456\r" });
 *
 * @module
 */

import { join } from "../../lib/config/locations.ts";
import type {
  Host,
  Lock,
  Needs,
  Program,
  SignalName,
  TerminalDevice,
} from "../../lib/host/host.ts";
import { files } from "../../lib/host/files.ts";
import { converse } from "../../lib/host/conversation.ts";
import { http } from "../../lib/host/http.ts";
import { lock } from "../../lib/host/lock.ts";
import { capture, replace } from "../../lib/host/processes.ts";
import { realHost } from "../../lib/host/real.ts";

const WINDOWS = Deno.build.os === "windows";

/** The path of a `file:` URL, in this system's form. */
export function fromFileUrl(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return WINDOWS ? path.slice(1).replaceAll("/", "\\") : path;
}

/** True if `path` is inside `folder`, with either separator. */
export function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder) && /[/\\]/.test(path[folder.length] ?? "");
}

/** The machine that a test describes. */
export interface TestHostOptions {
  /** Files to begin with, by their path under HOME: `{ ".aws/config": "[default]\n" }`, 0600. */
  readonly home?: Readonly<Record<string, string>>;
  /** The environment in addition to HOME and PATH; nothing of the real one is included. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, or a timestamp; 2026-11-23T13:00:00Z by default. */
  readonly now?: number | string;
  /**
   * What is typed: each string arrives by one read, then the input ends. Absent: no terminal.
   * In raw mode Enter is `\r`, Ctrl-C `\x03`.
   */
  readonly typed?: string | readonly string[] | undefined;
}

/** A Host that a test can inspect. */
export interface TestHost extends Host {
  readonly env: Record<string, string | undefined>;
  /** The folder that is HOME. */
  readonly home: string;
  /** The clock: set it, or let `sleep` advance it. */
  time: number;
  /** What was printed so far. */
  readonly printed: { stdout: string; stderr: string; terminal: string };
  /** The programs that `launch` was asked to start; none is started. */
  readonly launched: Program[];
  /** The whole path of a file under HOME, with this system's separator. */
  path(path: string): string;
  /** The content of a file under HOME; `undefined` if it does not exist. */
  text(path: string): string | undefined;
  /** Writes a file under HOME, 0600. */
  write(path: string, text: string): void;
  /** Sends a signal to the listeners of `onSignal`. */
  signal(name: SignalName): void;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** A new machine in its own temp folder; dispose of it (or declare it with `using`). */
export function testHost(options: TestHostOptions = {}): TestHost {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "eac-test-" }));
  const home = `${root}${WINDOWS ? "\\" : "/"}home`;
  Deno.mkdirSync(home, { mode: 0o700 });
  const env: Record<string, string | undefined> = {
    HOME: home,
    PATH: Deno.env.get("PATH") ?? "",
    ...(WINDOWS
      ? { SYSTEMROOT: Deno.env.get("SystemRoot"), PATHEXT: Deno.env.get("PATHEXT") }
      : {}),
    ...options.env,
  };
  const printed = { stdout: "", stderr: "", terminal: "" };
  const launched: Program[] = [];
  const locks: Lock[] = [];
  const listeners = new Set<{ names: readonly SignalName[]; handler(name: SignalName): void }>();
  const { typed } = options;
  const keys = typed === undefined ? undefined : typeof typed === "string" ? [typed] : [...typed];

  /** Refuses a change outside the test's own folder. */
  const own =
    <T extends unknown[], R>(change: (path: string, ...rest: T) => R) =>
    (path: string, ...rest: T): R => {
      if (!isInside(path, root)) throw new Error(`the test would change ${path}`);
      return change(path, ...rest);
    };

  const host: TestHost = {
    ...realHost(),
    ...files,
    env,
    home,
    // The real machine does not matter.
    readFile: (path) => path.startsWith("/sys/") ? undefined : files.readFile(path),
    time: typeof options.now === "string"
      ? Date.parse(options.now)
      : options.now ?? Date.UTC(2026, 10, 23, 13),
    printed,
    launched,
    executable: () => [
      Deno.execPath(),
      "run",
      "-A",
      fromFileUrl(new URL("../../main.ts", import.meta.url)),
    ],
    stdout: { isTerminal: false, write: (text) => void (printed.stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (printed.stderr += text) },
    now: () => host.time,
    sleep(milliseconds, signal) {
      if (!signal?.aborted) host.time += milliseconds;
      return Promise.resolve();
    },
    // No test waits that long.
    deadline: () => new AbortController().signal,
    createFile: own(files.createFile),
    appendFile: own(files.appendFile),
    rename: own(files.rename),
    remove: own(files.remove),
    makeFolder: own(files.makeFolder),
    setMode: own(files.setMode),
    setOwner: own(files.setOwner),
    removeFolder: own(files.removeFolder),
    lock: own(async (...where: Parameters<typeof lock>) => {
      const held = await lock(...where);
      if (held !== undefined) locks.push(held);
      return held;
    }),
    makeTempFolder: () => Deno.makeTempDirSync({ dir: root, prefix: "tmp-" }),
    openTerminal: () => keys && scriptedTerminal(keys, printed),
    http(request) {
      if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(request.url).hostname)) {
        throw new Error(`the test would call ${request.url}`);
      }
      return http(request);
    },
    capture: (program) => capture(program, env),
    converse: (program) => Promise.resolve(converse(program, env)),
    replace: (program, begun) => replace(program, env, begun),
    launch: (program) => Promise.resolve(void launched.push(program)),
    onSignal(names, handler) {
      const listener = { names, handler };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signal(name) {
      for (const { names, handler } of [...listeners]) if (names.includes(name)) handler(name);
    },
    // One host serves several runs, and a permission that one drops would be missing in the next;
    // see asProcess.
    narrow() {},
    path: (path) => join(host.os, home, ...path.split("/")),
    text(path) {
      const bytes = files.readFile(`${home}/${path}`);
      return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    },
    write(path, text) {
      const whole = `${home}/${path}`;
      Deno.mkdirSync(whole.replace(WINDOWS ? /[/\\][^/\\]*$/ : /\/[^/]*$/, ""), {
        recursive: true,
        mode: 0o700,
      });
      Deno.writeTextFileSync(whole, text, { mode: 0o600 });
    },
    dispose() {
      // get --keep holds a lock until its process ends, and Windows removes no folder with an open file.
      for (const lock of locks) lock.release();
      try {
        Deno.removeSync(root, { recursive: true });
      } catch (error) {
        if (!WINDOWS) throw error; // a wait for a lock that was given up has its file open
      }
    },
    [Symbol.dispose]: () => host.dispose(),
  };
  for (const [path, text] of Object.entries(options.home ?? {})) host.write(path, text);
  return host;
}

/** The host as a single process sees it: what `narrow` drops is missing from then on. */
export function asProcess<T extends Host>(host: T): T {
  let has: Needs = { net: true, run: true };
  const network = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
    if (!has.net) throw new Error(`eac gave up the network and needs it: ${JSON.stringify(args)}`);
    return call(...args);
  };
  const programs = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
    if (!has.run) throw new Error(`eac gave up programs and needs one: ${JSON.stringify(args)}`);
    return call(...args);
  };
  return {
    ...host,
    http: network(host.http),
    fetcher: network(host.fetcher),
    serve: network(host.serve),
    capture: programs(host.capture),
    converse: programs(host.converse),
    replace: programs(host.replace),
    launch: programs(host.launch),
    narrow: ({ net, run }) => void (has = { net: has.net && net, run: has.run && run }),
  };
}

function scriptedTerminal(keys: string[], printed: { terminal: string }): TerminalDevice {
  return {
    read() {
      const next = keys.shift();
      return Promise.resolve(next === undefined ? undefined : new TextEncoder().encode(next));
    },
    write: (text) => void (printed.terminal += text),
    setRaw() {},
    size: () => ({ columns: 80, rows: 24 }),
    close() {},
  };
}
