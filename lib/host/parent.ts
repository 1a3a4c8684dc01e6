/**
 * The program that started this process.
 *
 * @module
 */

/** Its name; `undefined` if the system does not report it. */
export function parentProgram(): string | undefined {
  try {
    if (Deno.build.os === "windows") return undefined; // only a slow query finds it
    // (A compiled program may not read /proc without all permissions.)
    const { success, stdout } = new Deno.Command("/bin/ps", {
      args: ["-o", "comm=", "-p", String(Deno.ppid)],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    const path = new TextDecoder().decode(stdout).trim();
    return success ? path.split("/").at(-1) || undefined : undefined;
  } catch {
    return undefined;
  }
}
