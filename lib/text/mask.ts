/**
 * Settings of the shared files without the secrets in them, for output.
 *
 * @module
 */

/** What is shown instead of a secret. */
export const MASK = "***";

/** Keys whose value is a secret, in any tool; a key that ends in `_file` names a file. */
const SECRET_KEY = /secret|token|passw|passcode|passphrase|seed|private_key/i;

/** Keys whose value is a command line. */
const COMMAND_KEY = /_process$/i;

/** The value of a setting, without secrets. */
export function maskSetting(key: string, value: string): string {
  if (SECRET_KEY.test(key) && !/_file$/i.test(key)) return value === "" ? "" : MASK;
  return COMMAND_KEY.test(key) ? maskCommand(value) : value;
}

/**
 * A command line without its arguments: they may contain a password or the seed of an MFA device,
 * and nothing marks those. A command of eac itself is shown unchanged.
 */
export function maskCommand(command: string): string {
  const program = /^\s*("[^"]*"|'[^']*'|(?:\\.|[^\s"'\\])+)(?=\s|$)/.exec(command)?.[1];
  if (program === undefined) return command.trim() === "" ? command : MASK;
  if (/(^|[/\\])eac(\.exe)?["']?$/.test(program)) return command;
  // `NAME=value program` sets a variable in a shell: that value may be a secret too.
  const shown = program.includes("=") ? MASK : program;
  return command.trim() === program ? shown : `${shown} ${MASK}`;
}

/** The settings with their secrets masked. */
export function maskSettings(
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, maskSetting(key, value)]),
  );
}
