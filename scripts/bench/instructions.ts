/**
 * Counts the instructions of a run with valgrind: unlike a time, the count hardly depends on what else
 * the machine does, and shows changes of 1 %. The work of the kernel is not counted.
 *
 * @module
 */

/**
 * The instructions of a command, in millions; `undefined` without valgrind.
 *
 * @throws {Error} if the command fails
 */
export async function instructions(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  let output;
  try {
    output = await new Deno.Command("valgrind", {
      args: [
        ...["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"],
        "--smc-check=all-non-file", // V8 writes code
        ...command,
      ],
      env: { ...env },
      clearEnv: true,
      stdin: "null",
    }).output();
  } catch {
    return undefined;
  }
  const stderr = new TextDecoder().decode(output.stderr);
  const count = /I\s+refs:\s+([\d,]+)/.exec(stderr)?.[1];
  if (!output.success || count === undefined) throw new Error(`${command[0]}: ${stderr.trim()}`);
  return Number(count.replaceAll(",", "")) / 1e6;
}
