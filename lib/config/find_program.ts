/**
 * Finds programs on PATH.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { isAbsolute, join } from "./locations.ts";

/** The path of a program, as a shell would find it; `undefined` if there is none. */
export function findProgram(
  { env, os, stat }: Pick<Host, "env" | "os" | "stat">,
  name: string,
): string | undefined {
  if (name === "") return undefined;
  const windows = os === "windows";
  const named = isAbsolute(os, name) || name.includes("/") || windows && name.includes("\\");
  const folders = named ? [""] : (env.PATH ?? "").split(windows ? ";" : ":");
  const endings = windows ? ["", ...(env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD").split(";")] : [""];
  for (const folder of folders) {
    for (const ending of endings) {
      const path = (folder === "" ? name : join(os, folder, name)) + ending;
      try {
        const info = stat(path);
        const runs = windows
          ? ending !== "" || /\.\w+$/.test(name)
          : ((info?.mode ?? 0) & 0o111) !== 0;
        if (info?.kind === "file" && runs) return path;
      } catch {
        // A folder of PATH that cannot be read; a shell continues too.
      }
    }
  }
  return undefined;
}
