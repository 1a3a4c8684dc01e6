/**
 * The Host: the interface to everything outside the program. Files, clock, environment, network,
 * terminal, processes.
 *
 * A function takes the piece it uses, `Pick<Host, "env" | "now">`, so a test passes that piece and
 * patches nothing. Only this file and `main.ts` touch `Deno.*`, the clock or the global `fetch`.
 *
 * @module
 */

/** The kinds of operating system on which paths and terminals differ. */
export type Os = "linux" | "darwin" | "windows";

/** What a file is, without its content. */
export interface FileInfo {
  readonly kind: "file" | "folder" | "other";
  readonly size: number;
  /** Last change, milliseconds since 1970. */
  readonly mtime: number;
  /** Permission bits, `undefined` on Windows. */
  readonly mode: number | undefined;
  /** True if its owner may not write it; on Windows, if it has the read-only attribute. */
  readonly readOnly: boolean;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** A lock between processes; it ends with its process. */
export interface Lock {
  /** False once the lock's file was removed or replaced: another process may hold a lock there now. */
  isHeld(): boolean;
  release(): void;
}

/** The controlling terminal, whatever stdin and stdout are. */
export interface TerminalDevice {
  /**
   * True if visible input uses the terminal's line mode: another program that takes over the
   * terminal must not find it in raw mode.
   */
  readonly ownLines?: boolean | undefined;
  /** The next bytes typed; `undefined` at the end of input. */
  read(): Promise<Uint8Array | undefined>;
  write(text: string): void;
  /** Resolves when all output is written: a program that exits earlier may lose it. */
  flushed?: (() => Promise<unknown>) | undefined;
  /**
   * In raw mode keys arrive one by one, without echo, and Ctrl-C arrives as the byte 3. A shell resets
   * the mode when it stops and continues this process: then raw mode is set again and `onResume` is
   * called.
   */
  setRaw(raw: boolean, onResume?: () => void): void;
  size(): { columns: number; rows: number };
  close(): void;
}

/** An output stream of this process. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** False after a write has failed because the reader is gone; absent: unknown. */
  readonly isOpen?: boolean | undefined;
}

/** A program to run, without a shell. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /**
   * The whole environment of the child; absent: this process's own. Variables of this process that
   * are not UTF-8 cannot be in it, but {@linkcode Host.replace} forwards them, except those in
   * `unset`.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Variables that the child must not have, even if this process cannot read them. */
  readonly unset?: readonly string[] | undefined;
  /** What the child reads from stdin; absent: it reads nothing. */
  readonly input?: string | undefined;
  /** Milliseconds until it is killed. */
  readonly timeout?: number | undefined;
  /** The limit in bytes of stdout and of stderr; a child that writes more to stdout is killed. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Reads this process's own stdin where that is a terminal; only by {@linkcode Host.capture}. */
  readonly sharesTerminal?: boolean | undefined;
  /** Called with the program's stderr while it runs. */
  readonly heard?: ((text: string) => void) | undefined;
}

/** How a captured program ended. */
export interface Outcome {
  /** 128 + N when signal N ended it. */
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Why it was killed by us, if it was. */
  readonly killed?: "timeout" | "limit" | "aborted" | undefined;
}

/**
 * A running program that exchanges lines with eac. Its time limit counts only while eac waits for
 * it.
 */
export interface Conversation {
  /** The next line that it prints, without its end; `undefined` once there are no more. */
  read(): Promise<string | undefined>;
  /** Writes to its stdin; it need not read everything. */
  write(text: string): void;
  /** Closes its input. */
  hangUp(): void;
  /** Closes the connection and waits until it has ended. Returns the last part of its stderr. */
  end(): Promise<Omit<Outcome, "stdout">>;
}

/** An HTTP request with its answer bounded. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
  /** A file of PEM certificates to trust in addition to the system's. */
  readonly caBundle?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An HTTP answer, read whole. Redirects are answers: they are never followed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Signals that can be waited for. */
export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT" | "SIGBREAK";

/** What a command may still need from the system after planning. */
export interface Needs {
  readonly net: boolean;
  readonly run: boolean;
  /** False for a command that never prompts: showing a prompt may start a program. */
  readonly ask?: boolean | undefined;
}

/** Everything outside the program. File operations throw {@linkcode EacError} `io`, with the path. */
export interface Host {
  readonly os: Os;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command line of this program: what a `credential_process` line has to name. */
  executable(): readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;

  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `milliseconds`, or immediately when `signal` aborts (it never rejects). */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /** A signal that aborts after `milliseconds`. */
  deadline(milliseconds: number): AbortSignal;

  /** The file's bytes; `undefined` if there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  /**
   * Creates a file with these bytes, flushed to the disk unless `flush` is false; fails if it
   * exists.
   */
  createFile(path: string, bytes: Uint8Array, mode: number, flush?: boolean): void;
  /** Appends to a file; creates it if it does not exist. */
  appendFile(path: string, bytes: Uint8Array): void;
  /** Replaces `to` with `from`, atomically. */
  rename(from: string, to: string): void;
  /**
   * Throws if a file is a mount point, as with `docker run -v FILE:FILE`: no rename can replace it.
   * Does nothing if that cannot be determined.
   *
   * @param probe a path in the same folder that does not exist
   */
  checkReplaceable(path: string, probe: string): void;
  /** Removes a file, if it exists. */
  remove(path: string): void;
  /** Follows symbolic links; `undefined` if the path does not exist. */
  stat(path: string): FileInfo | undefined;
  /** The path with symbolic links resolved; `undefined` if it does not exist. */
  realPath(path: string): string | undefined;
  /** The target of a symbolic link, unresolved; `undefined` if the path is not a link. */
  readLink(path: string): string | undefined;
  /** The names in a folder, sorted; empty if there is no such folder. */
  list(path: string): readonly string[];
  /** Creates a folder and its parents with this mode; an existing one is not changed. */
  makeFolder(path: string, mode: number): void;
  /**
   * Flushes a folder's entries to the disk, if the system can, so that a rename survives a power
   * failure.
   */
  syncFolder(path: string): void;
  setMode(path: string, mode: number): void;
  setOwner(path: string, uid: number, gid: number): void;
  /** Creates a folder for this run, 0700. */
  makeTempFolder(): string;
  /** Removes a folder and its content. */
  removeFolder(path: string): void;
  /**
   * Waits for the lock of a file, which is created if it does not exist; `undefined` once `signal`
   * aborts.
   */
  lock(path: string, signal?: AbortSignal): Promise<Lock | undefined>;

  /** The controlling terminal; `undefined` without one. */
  openTerminal(): TerminalDevice | undefined;
  /** One exchange. Throws {@linkcode EacError} `network` or `timeout`, never for a status. */
  http(request: HttpRequest): Promise<HttpAnswer>;
  /** Runs a program and captures it; its controlling terminal stays its own. Throws `NotFound`-like {@linkcode EacError} `exec_failed` 126/127 when it cannot start. */
  capture(program: Program): Promise<Outcome>;
  /** Starts a program and exchanges lines with it; `input` is not used. Throws as `capture` does. */
  converse(program: Program): Promise<Conversation>;
  /** The next line of this process's own stdin, without its end; `undefined` at its end. */
  readLine(): Promise<string | undefined>;
  /**
   * Runs a program in this one's place: stdio is inherited, signals are forwarded; resolves to its
   * exit code. Calls `begun` just before it starts, when the program takes over the signals.
   */
  replace(program: Program, begun?: () => void): Promise<number>;
  /** Starts a program and forgets it (the browser). */
  launch(program: Program): Promise<void>;
  /** Calls `handler` at each of these signals until the returned function is called. */
  onSignal(names: readonly SignalName[], handler: (name: SignalName) => void): () => void;
  /** A server on loopback, on a free port. */
  serve(handler: LoopbackHandler): LoopbackServer;
  /** Drops the permissions that the plan does not need, permanently. */
  narrow(needs: Needs): void;
  /**
   * Imports a custom module from the disk. What it prints to the console goes to stderr
   * from then on. Throws what the module throws, {@linkcode EacError} `strategy_failed` where this
   * runtime cannot read the language.
   *
   * @param sealed true to drop all access to files, and so to unix sockets. The compiled program drops it before the module loads; from source, loading needs read access.
   */
  importFile(path: string, sealed?: boolean): Promise<unknown>;
  /** The web's `fetch` for a custom module, with proxy, certificates and time limit. */
  fetcher(limits: FetchLimits): typeof fetch;
  /** The name of the program that started this one; `undefined` if the system does not report it. */
  parentProgram(): Promise<string | undefined>;
  /** The parent process's ID; it changes when the parent exits (not on Windows). */
  parentId(): number;
  /**
   * False if another program has the terminal: a prompt would suspend this one, or read the other's
   * input.
   */
  inForeground(): Promise<boolean>;
  /** The ID of the user who runs this process; `undefined` if the system has no user IDs. */
  userId(): number | undefined;
}

/** Answers a request to eac's server. */
export type LoopbackHandler = (request: Request, peer: Peer) => Response | Promise<Response>;

/** A connection on loopback, by its two ports. */
export interface Peer {
  /** The port of the client. */
  readonly port: number;
  readonly serverPort: number;
}

/** Certificates to trust in addition to the system's. */
export interface CaCerts {
  /** The file that holds them, for errors. */
  readonly file: string;
  /** Its content, in PEM format. */
  readonly text: string;
}

/** The limits of a `fetch` for a strategy. */
export interface FetchLimits {
  readonly signal: AbortSignal;
  readonly caCerts?: CaCerts | undefined;
}

/** A server on loopback. */
export interface LoopbackServer {
  readonly url: string;
  /** Accepts no more requests, and waits for the open ones for half a second at most. */
  stop(): Promise<void>;
}
