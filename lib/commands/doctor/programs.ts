/**
 * Checks the AWS CLI on this machine.
 *
 * @module
 */

import { findProgram } from "../../config/find_program.ts";
import { cliCacheFolder } from "../../credentials/cache/cli_cache.ts";
import { asEacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Finding } from "./finding.ts";

type ProgramHost = Pick<Host, "env" | "os" | "stat" | "capture" | "readFile">;

/** The timeout of `aws --version`, which starts Python, in milliseconds. */
const PATIENCE = 10_000;

/** Which `aws` would run, and whether it shares its cache with eac. */
export async function checkAwsCli(host: ProgramHost): Promise<Finding[]> {
  const path = findProgram(host, "aws");
  const note = (message: string, fix?: string): Finding[] => [
    { level: "note", code: "aws_cli", message, fix },
  ];
  if (path === undefined) return note("the AWS CLI is not in PATH; eac does not need it");
  const version = await versionOf(host, path);
  const what = `${version ?? "an AWS CLI of unknown version"} at ${path}`;
  if (/[/\\]snap[/\\]/.test(path)) {
    return note(
      `${what} is a snap, which has its own cache`,
      "install the AWS CLI without snap to share cached roles with it",
    );
  }
  const cache = cliCacheFolder(host);
  if (version === undefined || !/^aws-cli\/[12]\./.test(version)) {
    return note(`${what}: it is unknown whether it uses ${cache}`);
  }
  return note(`${what} shares cached roles with eac in ${cache}`);
}

async function versionOf(host: ProgramHost, path: string): Promise<string | undefined> {
  try {
    const { code, stdout, stderr } = await host.capture({
      command: path,
      args: ["--version"],
      timeout: PATIENCE,
      limit: 4096,
    });
    const output = new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr);
    return code === 0 ? /aws-cli\/[\w.]+/.exec(output)?.[0] : undefined;
  } catch (thrown) {
    asEacError(thrown); // a program that cannot be started has no version
    return undefined;
  }
}

/**
 * Whether a crash would write eac's memory, including secrets, to the disk. Deno cannot disable
 * that for itself; the shell can.
 */
export function checkCoreDumps(host: Pick<Host, "os" | "readFile">): Finding[] {
  if (host.os !== "linux") return [];
  let limits: string;
  try {
    limits = new TextDecoder().decode(host.readFile("/proc/self/limits"));
  } catch {
    return [];
  }
  const soft = /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined || soft === "0") return [];
  return [{
    level: "note",
    code: "core_dumps",
    message: "core dumps are enabled: a crash would write eac's memory to disk",
    fix: "add ulimit -c 0 to the shell's startup file",
  }];
}
