/**
 * Whether this process may use the terminal.
 *
 * @module
 */

/**
 * False if the terminal's foreground group is another one, such as that of a shell with job control.
 * True where the system does not say.
 */
export function inForeground(): boolean {
  try {
    if (Deno.build.os === "windows") return true;
    // (A compiled program may not read /proc without all permissions.)
    const { success, stdout } = new Deno.Command("/bin/ps", {
      args: ["-o", "pgid=,tpgid=", "-p", String(Deno.pid)],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    const [group, foreground] = new TextDecoder().decode(stdout).trim().split(/\s+/);
    return !success || foreground === undefined || Number(foreground) <= 0 || group === foreground;
  } catch {
    return true;
  }
}
