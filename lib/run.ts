/**
 * Runs a command line: from argv to exit code.
 *
 * @module
 */

import { loadPlugins } from "./plugins/plugins.ts";
import type { Plugins, RegisteredStrategy } from "./plan/strategy.ts";
import { type Command, plainCommand, UNKNOWN_COMMAND, wantsJson } from "./cli/declaration.ts";
import type { Options } from "./cli/options.ts";
import { type CommandName, COMMANDS, type LoadCommand } from "./commands/mod.ts";
import type { Context } from "./context.ts";
import { asEacError, EacError, errorToJson } from "./errors.ts";
import type { Host } from "./host/host.ts";
import { interruptible } from "./host/interruption.ts";
import { createLog, type Verbosity } from "./terminal/log.ts";
import { VERSION } from "./version.ts";
import { printableJson } from "./text/printable.ts";

/** Runs one command line; never throws. */
export async function run(
  argv: readonly string[],
  host: Host,
  strategies: readonly RegisteredStrategy[],
): Promise<number> {
  const { host: own, interrupted, end } = interruptible(host);
  try {
    checkArguments(argv);
    const command = plainCommand(COMMANDS, argv) ??
      (await import("./cli/parse.ts")).parseCommand(COMMANDS, argv);
    return await Promise.race([follow(command, own, strategies), interrupted]);
  } catch (thrown) {
    let error = asEacError(thrown);
    if (error.code === "usage" && error.message.startsWith(UNKNOWN_COMMAND)) {
      const { suggestGet } = await import("./commands/pick/profile_as_command.ts");
      error = suggestGet(host, argv, error);
    }
    if (wantsJson(COMMANDS, argv)) {
      host.stderr.write(`${printableJson({ error: errorToJson(error) })}\n`);
    } else createLog(host, { quiet: false, verbose: false }).error(error);
    return error.exitCode;
  } finally {
    end();
  }
}

/**
 * Refuses arguments that were not UTF-8: Deno has replaced their bytes by U+FFFD, and `exec` would
 * pass a different file name than it was given.
 */
function checkArguments(argv: readonly string[]): void {
  const bad = argv.find((word) => word.includes("\ufffd"));
  if (bad === undefined) return;
  throw new EacError("usage", `this argument is not UTF-8: ${bad}`, {
    hint: 'to pass it to a command: eval "$(eac env PROFILE)", then run the command without eac',
  });
}

/**
 * With `--json`, stderr is for an error as JSON; other messages would break a script that parses
 * it.
 */
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
      host.stdout.write(showHelp(COMMANDS, command.command, host.os === "windows"));
      return 0;
    }
    case "complete": {
      const { complete } = await import("./commands/completion.ts");
      const all = async () => {
        const own = await loadPlugins(host);
        await own.close();
        return [...own.strategies, ...strategies];
      };
      host.stdout.write(await complete(COMMANDS, command.words, host, all));
      return 0;
    }
    case "strategy": {
      const { runModule } = await import("./plugins/module_runner.ts");
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
        offersSignIn: true,
        began: host.now(),
      };
      try {
        if (command.kind === "pick") {
          const { pickName } = await import("./commands/pick/pick.ts");
          const name = await pickName(context);
          return await (await COMMANDS.get.run()).run(context, [name]);
        }
        const load: LoadCommand = COMMANDS[command.name as CommandName].run;
        return await (await load()).run(context, command.names, command.child);
      } finally {
        await own?.then((loaded) => loaded.close(), () => {});
      }
    }
  }
}
