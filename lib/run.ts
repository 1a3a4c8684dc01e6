/**
 * The story on one page: argv to exit code.
 *
 * @module
 */

import { loadPlugins } from "./plugins/plugins.ts";
import type { Plugins, RegisteredStrategy } from "./plan/strategy.ts";
import {
  type Command,
  type CommandName,
  type Options,
  plainCommand,
  wantsJson,
} from "./cli/declaration.ts";
import { run as runProcess } from "./commands/process.ts";
import type { Context } from "./context.ts";
import { asEacError, errorToJson } from "./errors.ts";
import type { Host } from "./host/host.ts";
import { interruptible } from "./host/interruption.ts";
import { createLog, type Verbosity } from "./terminal/log.ts";
import { VERSION } from "./version.ts";

/** A command: does its work, and says how the process ends. */
type Run = (
  context: Context,
  names: readonly string[],
  child: readonly string[],
) => Promise<number> | number;

/**
 * Each command is loaded when it is called for: what is not used costs nothing at the start. What
 * other programs call, and wait for, is there from the first.
 */
const RUNS: Readonly<Record<CommandName, () => Promise<{ run: Run }> | { run: Run }>> = {
  get: () => import("./commands/get.ts"),
  exec: () => import("./commands/exec.ts"),
  env: () => import("./commands/env.ts"),
  process: () => ({ run: runProcess }),
  list: () => import("./commands/list/list.ts"),
  explain: () => import("./commands/explain/explain.ts"),
  whoami: () => import("./commands/whoami.ts"),
  console: () => import("./commands/console.ts"),
  link: () => import("./commands/link.ts"),
  clear: () => import("./commands/clear.ts"),
  init: () => import("./commands/init/init.ts"),
  rotate: () => import("./commands/rotate/rotate.ts"),
  doctor: () => import("./commands/doctor/doctor.ts"),
  strategies: () => import("./commands/strategies/strategies.ts"),
  completion: () => import("./commands/completion.ts"),
  demo: () => import("./commands/demo.ts"),
};

/** Runs one command line; never throws. */
export async function run(
  argv: readonly string[],
  host: Host,
  strategies: readonly RegisteredStrategy[],
): Promise<number> {
  const { host: own, interrupted, end } = interruptible(host);
  try {
    const command = plainCommand(argv) ?? (await import("./cli/parse.ts")).parseCommand(argv);
    return await Promise.race([follow(command, own, strategies), interrupted]);
  } catch (thrown) {
    const error = asEacError(thrown);
    if (wantsJson(argv)) host.stderr.write(`${JSON.stringify({ error: errorToJson(error) })}\n`);
    else createLog(host, { quiet: false, verbose: false }).error(error);
    return error.exitCode;
  } finally {
    end();
  }
}

/** With `--json` stderr is for an error as JSON, and talk would make it unreadable for a script. */
function withRoomForJson({ quiet, verbose, json, color }: Options): Verbosity {
  return { quiet: quiet || json && !verbose, verbose, color };
}

async function follow(
  command: Command,
  host: Host,
  strategies: readonly RegisteredStrategy[],
): Promise<number> {
  switch (command.kind) {
    case "version":
      host.stdout.write(`eac ${VERSION}\n`);
      return 0;
    case "help": {
      const { showHelp } = await import("./cli/help.ts");
      host.stdout.write(showHelp(command.command));
      return 0;
    }
    case "complete": {
      const { complete } = await import("./commands/completion.ts");
      const all = async () => {
        const own = await loadPlugins(host);
        await own.settle();
        return [...own.strategies, ...strategies];
      };
      host.stdout.write(await complete(command.words, host, all));
      return 0;
    }
    case "strategy": {
      const { runModule } = await import("./plugins/module.ts");
      return await runModule(host, command.file);
    }
    case "pick":
    case "run": {
      const { options } = command;
      let own: Promise<Plugins> | undefined;
      const context: Context = {
        host,
        strategies,
        plugins: () => own ??= loadPlugins(host),
        options,
        log: createLog(host, withRoomForJson(options)),
        runLine: (argv, other, first = []) => run(argv, other, [...first, ...strategies]),
        began: host.now(),
      };
      try {
        if (command.kind === "pick") {
          const { pickName } = await import("./commands/pick/pick.ts");
          const name = await pickName(context);
          const get = await RUNS.get();
          return await get.run(context, [name], []);
        }
        const loaded = await RUNS[command.name]();
        return await loaded.run(context, command.names, command.child);
      } finally {
        await own?.then((loaded) => loaded.settle(), () => {});
      }
    }
  }
}
