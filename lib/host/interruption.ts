/**
 * Ctrl-C and the other termination signals: they end a run at any point, with the shell's exit code
 * for them.
 *
 * A file is written within one turn of the event loop, so that none is left half written. Locks end
 * with the process.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, SignalName } from "./host.ts";

/** 128 plus the signal's number. By default SIGQUIT would write a core dump, with secrets. */
const EXIT_CODES: Readonly<Record<SignalName, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
  SIGQUIT: 131,
  SIGBREAK: 130, // Ctrl-Break of Windows
};

const SIGNALS = Object.keys(EXIT_CODES) as SignalName[];

/**
 * The calls that wait for something or change something. A run that has only read can end anywhere:
 * until one of these calls, the system's default handling is enough, and listening costs a thread.
 */
const WORK = [
  "appendFile",
  "capture",
  "converse",
  "createFile",
  "fetcher",
  "http",
  "importFile",
  "launch",
  "lock",
  "makeTempFolder",
  "openTerminal",
  "readLine",
  "rename",
  "serve",
  "sleep",
] as const satisfies readonly (keyof Host)[];

/** The error of a run that a signal ended. */
export function interruptedBy(name: SignalName): EacError {
  const message = name === "SIGINT" ? "interrupted" : `ended by ${name}`;
  return new EacError("interrupted", message, { exitCode: EXIT_CODES[name] });
}

/** A host whose signals end the run. */
export interface Interruptible {
  readonly host: Host;
  /**
   * Rejects with {@linkcode EacError} `interrupted` at a signal. Resolves to the exit code of a
   * program that ran in this one's place, at a signal that arrives after it has exited.
   */
  readonly interrupted: Promise<number>;
  /** Stops listening. */
  end(): void;
}

/**
 * Listens on the host from its first work on. A listener on the result takes over its signals, and
 * so does a program that replaces this one: then it decides what they mean.
 */
export function interruptible(host: Host): Interruptible {
  const taken = new Map<SignalName, number>();
  const take = (names: readonly SignalName[], by: 1 | -1) => {
    for (const name of names) taken.set(name, (taken.get(name) ?? 0) + by);
  };
  const { promise: interrupted, resolve, reject } = Promise.withResolvers<number>();
  interrupted.catch(() => {}); // ignored if the run is over
  let stop: (() => void) | undefined;
  let replaced = false;
  let ended: number | undefined;
  const listen = () => {
    stop ??= host.onSignal(SIGNALS, (name) => {
      // Only cleanup is left, and nothing that delays it may keep the run alive.
      if (ended !== undefined) return resolve(ended);
      if ((taken.get(name) ?? 0) > 0) return;
      reject(interruptedBy(name));
    });
  };
  return {
    interrupted,
    end() {
      // Deno may deliver a signal after the program has ended: without a listener, the default
      // handling would end eac.
      if (!replaced) stop?.();
    },
    host: {
      ...host,
      ...heard(host, listen),
      onSignal(names, handler) {
        listen();
        take(names, 1);
        const stop = host.onSignal(names, handler);
        return () => {
          stop();
          take(names, -1);
        };
      },
      async replace(program, begun) {
        listen();
        ended = await host.replace(program, () => {
          // Permanently: the Ctrl-C that ended the program may arrive after its exit, and the run
          // ends as the program did.
          take(SIGNALS, 1);
          replaced = true;
          begun?.();
        });
        return ended;
      },
    },
  };
}

/** The host's work, with `listen` called before any of it begins. */
function heard(host: Host, listen: () => void): Partial<Host> {
  const all: Record<string, unknown> = {};
  for (const name of WORK) {
    const work = host[name] as (...args: unknown[]) => unknown;
    all[name] = (...args: unknown[]) => {
      listen();
      return work(...args);
    };
  }
  return all;
}
