/**
 * A machine with an STS on loopback, on which the whole program runs.
 *
 * @module
 */

import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { type TestHost, testHost, type TestHostOptions } from "./fakes.ts";
import { WORLD } from "./world.ts";

/** The outcome of a run. */
export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine. */
export interface Machine extends AsyncDisposable {
  readonly host: TestHost;
  readonly emulator: Emulator;
  /** Runs the program. */
  eac(...argv: string[]): Promise<Ended>;
  /** The actions that STS was asked for so far. */
  calls(): string[];
}

/** A machine with these files and variables, and an STS that knows these accounts. */
export function machineWith(
  options: TestHostOptions,
  world: WorldDescription = WORLD,
): Machine {
  const host = testHost(options);
  const emulator = startEmulator(host, world);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  const at = { ...host, now: () => host.time };
  return {
    host,
    emulator,
    async eac(...argv) {
      host.printed.stdout = host.printed.stderr = "";
      const exit = await run(argv, at, strategies);
      return { exit, stdout: host.printed.stdout, stderr: host.printed.stderr };
    },
    calls: () => emulator.calls.map(({ action }) => action),
    async [Symbol.asyncDispose]() {
      await emulator.stop();
      host.dispose();
    },
  };
}
