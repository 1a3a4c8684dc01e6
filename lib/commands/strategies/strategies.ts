/**
 * `eac strategies`: lists all strategies, creates a custom one, tests custom ones.
 *
 * @module
 */

import { folderOf, isAbsolute, join, nameOf } from "../../config/locations.ts";
import type { Context } from "../../context.ts";
import { EacError, showPlace } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { didYouMean } from "../../text/nearest.ts";
import { ACTIONS } from "./actions.ts";
import type { Checked } from "../../plugins/check/check.ts";
import { type ListedStrategy, showChecked, showStrategies, tapLine } from "./view.ts";
import { strategiesFolder } from "../../config/locations.ts";
import { fileEndings } from "../../plugins/strategy_file.ts";
import { printable, printableJson } from "../../text/printable.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const [verb = "list", file, ...rest] = names;
  if (context.options.tap && (verb !== "check" || context.options.json)) {
    throw new EacError("usage", "--tap is for eac strategies check, without --json", {
      hint: "eac strategies check FILE... --tap",
    });
  }
  if (verb === "list" && file === undefined) return await list(context);
  if (verb === "new" && file !== undefined && rest.length === 0) return await create(context, file);
  if (verb === "check" && file !== undefined) return await check(context, [file, ...rest]);
  if (verb === "allow" && file !== undefined) return await allow(context, [file, ...rest]);
  const known = (ACTIONS as readonly string[]).includes(verb);
  throw new EacError(
    "usage",
    known
      ? `eac strategies ${verb} takes ${TAKES[verb as typeof ACTIONS[number]]}`
      : `unknown action "${verb}"`,
    {
      hint: (!known && didYouMean(verb, ACTIONS)) ||
        "usage: eac strategies [list | new FILE | check FILE... | allow FILE...]",
    },
  );
}

const TAKES: Readonly<Record<typeof ACTIONS[number], string>> = {
  list: "no FILE",
  new: "one FILE",
  check: "one or more FILEs",
  allow: "one or more FILEs",
};

async function list(context: Context): Promise<number> {
  const { host, options } = context;
  const listed = await listStrategies(context);
  if (options.json) host.stdout.write(`${printableJson(listed, 2)}\n`);
  else host.stdout.write(showStrategies(context, listed, strategiesFolder(host)));
  return 0;
}

/** All strategies, in the order in which eac tries them. */
export async function listStrategies(context: Context): Promise<readonly ListedStrategy[]> {
  const { host, strategies } = context;
  const builtIn = strategies.map(({ name, needs, summary }): ListedStrategy => {
    return { name, kind: "built-in", file: null, needs, summary };
  });
  const folder = strategiesFolder(host);
  if (folder === undefined || host.stat(folder) === undefined) return builtIn;
  const { loadFolder } = await import("../../plugins/registry.ts");
  const loaded = await loadFolder(host, folder, host.list(folder), true);
  await loaded.close();
  const { allowedOf } = await import("../../plugins/allowed.ts");
  const allowed = allowedOf(host);
  const custom = loaded.files.map(({ path, kind, described, hash, error }): ListedStrategy => ({
    name: described?.name ?? nameOf(host.os, path),
    kind: kind ?? (/\.(ts|js|mjs)$/.test(path) ? "module" : "executable"),
    file: path,
    needs: described?.needs ?? [],
    summary: described?.summary ?? "",
    gives: described?.gives,
    wants: described?.wants,
    env: described?.env,
    hash,
    allowed: hash === undefined ? undefined : allowed.get(path) === hash,
    problem: error === undefined ? undefined : problemOf(error, path),
  }));
  return [...custom, ...builtIn];
}

function problemOf({ message, hint, place }: EacError, path: string): string {
  const at = place === undefined || place.file === path ? "" : ` (${showPlace(place)})`;
  return `${message}${at}${hint === undefined ? "" : `; ${hint}`}`;
}

/** eac owns the types; a tsconfig.json may be the user's. */
function isOurs(path: string): boolean {
  return path.endsWith(".d.ts");
}

function isSameText(host: Pick<Host, "readFile">, path: string, text: string): boolean {
  return new TextDecoder().decode(host.readFile(path)) === text;
}

/** Writes a working strategy and its test. It overwrites only eac's own older types. */
async function create(context: Context, file: string): Promise<number> {
  const { host, log } = context;
  const path = pathOf(host, file, false);
  checkNewName(host, nameOf(host.os, path));
  const folder = folderOf(host.os, path);
  const { newFiles } = await import("../../plugins/check/templates.ts");
  const files = newFiles(nameOf(host.os, path))
    .map((one) => ({ ...one, path: join(host.os, folder, one.name) }));
  for (const { path, shared } of files) {
    if (shared || host.stat(path) === undefined) continue;
    throw new EacError("usage", `${path} already exists`, { hint: "choose another name" });
  }
  host.makeFolder(folder, 0o700);
  for (const { path, text, mode, shared } of files) {
    const bytes = new TextEncoder().encode(text);
    if (!shared || host.stat(path) === undefined) {
      host.createFile(path, bytes, mode);
      log.done(`wrote ${path}`);
    } else if (isOurs(path) && !isSameText(host, path, text)) { // from an older eac
      host.remove(path);
      host.createFile(path, bytes, mode);
      log.done(`updated ${path}`);
    }
  }
  const { loadFiles } = await import("../../plugins/registry.ts");
  const { files: [loaded] } = await loadFiles(host, [path]);
  if (loaded?.error !== undefined) {
    log.warn(`the strategy cannot be used yet: ${problemOf(loaded.error, path)}`);
  }
  log.done(`try it: eac strategies check ${file}`);
  return 0;
}

/** The executable template is a shell script, which Windows does not run. */
function checkNewName(host: Pick<Host, "os" | "env">, name: string): void {
  if (host.os !== "windows" || /\.(ts|js|mjs)$/.test(name)) return;
  const isProgram = /\.(exe|com|bat|cmd)$/i.test(name);
  const other = `eac strategies new ${name.replace(/\.\w*$/, "")}.js`;
  throw new EacError(
    "usage",
    isProgram
      ? `eac cannot write a program for Windows: ${name}`
      : `this is not a strategy file name: ${name}; ${fileEndings(host.os)}`,
    {
      hint: isProgram
        ? `write a module: ${other}; or put your own program into ${strategiesFolder(host)}`
        : other,
    },
  );
}

/** Allows strategies to run until their content changes. Runs none of them. */
async function allow(context: Context, files: readonly string[]): Promise<number> {
  const { host, log } = context;
  const { hashOfStrategy } = await import("../../plugins/registry.ts");
  const { writeAllowed } = await import("../../plugins/allowed.ts");
  const folder = strategiesFolder(host);
  const hashes = new Map<string, string>();
  for (const file of files) {
    const path = pathInFolder(host, folder, file);
    if (host.stat(path) === undefined) {
      throw new EacError("usage", `there is no file ${path}`, {
        hint: "eac strategies lists the files of your folder",
      });
    }
    hashes.set(path, await hashOfStrategy(host, path));
  }
  await writeAllowed(host, hashes);
  for (const [path, hash] of hashes) log.done(`allowed ${path} (SHA-256 ${hash.slice(0, 12)}...)`);
  return 0;
}

/** The path under which eac finds the file in the strategies folder. */
function pathInFolder(
  host: Pick<Host, "os" | "realPath">,
  folder: string | undefined,
  file: string,
): string {
  if (folder !== undefined && !/[/\\]/.test(file)) return join(host.os, folder, file);
  const own = folder === undefined ? undefined : join(host.os, folder, nameOf(host.os, file));
  const [wanted, found] = [file, own ?? ""].map((path) => host.realPath(path));
  if (own !== undefined && wanted !== undefined && wanted === found) return own;
  throw new EacError("usage", `${file} is not in ${folder ?? "a strategies folder"}`, {
    hint: "only files in that folder run, so only they can be allowed",
  });
}

/** Tests strategies, and reports like a test runner. */
async function check(context: Context, files: readonly string[]): Promise<number> {
  const { host, options } = context;
  const { checkFile } = await import("../../plugins/check/check.ts");
  if (options.tap) host.stdout.write("TAP version 14\n");
  const all: (Checked & { readonly file: string })[] = [];
  for (const file of files) {
    const path = pathOf(host, file, true);
    const checks = [];
    for await (const checked of checkFile(host, path, context.runLine)) {
      checks.push(checked);
      if (options.tap) host.stdout.write(tapLine(all.length + checks.length, path, checked));
      else if (!options.json) host.stdout.write(showChecked(context, checked));
    }
    if (!options.json && !options.tap) {
      host.stdout.write(printable(`${path}: ${countsOf(checks)}\n`));
    }
    all.push(...checks.map((checked) => ({ file: path, ...checked })));
  }
  if (options.json) host.stdout.write(`${printableJson(all, 2)}\n`);
  if (options.tap) host.stdout.write(`1..${all.length}\n`);
  return all.some(({ status }) => status === "failed") ? 8 : 0;
}

function countsOf(checks: readonly Checked[]): string {
  const count = (status: Checked["status"]) => checks.filter((one) => one.status === status).length;
  const skipped = count("skipped");
  const parts = [`${count("ok")} ok`, `${count("failed")} failed`];
  return [...parts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");
}

/** A bare name means a file in the strategies folder; with `look`, else one in the working folder. */
function pathOf(host: Pick<Host, "os" | "env" | "stat">, file: string, look: boolean): string {
  const folder = /[/\\]/.test(file) ? undefined : strategiesFolder(host);
  if (folder === undefined) return isAbsolute(host.os, file) ? file : join(host.os, ".", file);
  const path = join(host.os, folder, file);
  return look && host.stat(path) === undefined && host.stat(file) !== undefined
    ? join(host.os, ".", file)
    : path;
}
