/**
 * eac as a program that a shell finds in its PATH.
 *
 * @module
 */

import { fromFileUrl, type TestHost } from "./fakes.ts";
import { word } from "./pty.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

let known: string | undefined;

/** Deno's cache of packages: with another HOME it would be looked for elsewhere. */
export function denoDir(): string {
  if (known !== undefined) return known;
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  return known = String(JSON.parse(new TextDecoder().decode(stdout)).denoDir);
}

/** Puts `eac` into the home folder; returns the environment in which shells find it. */
export function installEac(host: TestHost): Record<string, string> {
  const run = [Deno.execPath(), "run", "-A", "--quiet", MAIN].map(word).join(" ");
  host.write("bin/eac", `#!/bin/sh\nDENO_DIR=${word(denoDir())} exec ${run} "$@"\n`);
  Deno.chmodSync(`${host.home}/bin/eac`, 0o700);
  // CI may run the tests, but this eac must see an interactive user.
  return { HOME: host.home, PATH: `${host.home}/bin:${host.env.PATH}`, LC_ALL: "C.UTF-8", CI: "" };
}

/** True when the shell is there and runs a command. */
export function isInstalled(shell: string): boolean {
  try {
    return new Deno.Command(shell, {
      args: ["-c", "exit"],
      env: { HOME: "/dev/null" }, // fish would make folders in a home
      stdin: "null",
      stdout: "null",
    })
      .outputSync().success;
  } catch {
    return false;
  }
}
