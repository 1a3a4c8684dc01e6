/**
 * Command lines.
 *
 * @module
 */

import fc from "fast-check";
import { COMMANDS } from "../../lib/commands/mod.ts";
import { OPTIONS, type OptionSpec } from "../../lib/cli/options.ts";
import { type Property, tryRun } from "./property.ts";
import { oddText } from "./texts.ts";

/** Commands that would not end by themselves. */
const ENDLESS = new Set(["demo", "watch"]);

const commands = Object.keys(COMMANDS).filter((name) => !ENDLESS.has(name));
const options = Object.entries<OptionSpec>(OPTIONS)
  .filter(([name]) => !ENDLESS.has(name))
  .flatMap(([name, { short, aliases = [] }]) => [
    `--${name}`,
    ...aliases.map((alias) => `--${alias}`),
    ...(short ? [`-${short}`] : []),
  ]);

const values = fc.oneof(
  fc.constantFrom("p", "alice", "default", "p-temp", "123456", "15m", "3600", "json", "posix"),
  fc.constantFrom("us-east-1", "bash", "arn:aws:iam::123456789012:role/Open", "auto", "sh"),
  oddText,
);
const words = fc.oneof(
  { weight: 3, arbitrary: values },
  { weight: 3, arbitrary: fc.constantFrom(...options) },
  { weight: 1, arbitrary: fc.constantFrom(...commands, "help", "--", "--profile") },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...options), values).map(([name, value]) =>
      `${name}=${value}`
    ),
  },
);

const HOME = {
  ".aws/config": "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/Open\n" +
    "source_profile = alice\ndestination_profile = p-temp\n",
  ".aws/credentials": "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
};

/** Any command line ends in one of CLI.md's exit codes, and says why. */
export const argumentProperties: readonly Property[] = [{
  name: "arguments: any command line ends in an exit code and a sentence, and loses no key",
  runs: 150,
  property: fc.asyncProperty(
    fc.constantFrom(...commands, ""),
    fc.array(words, { maxLength: 6 }),
    async (command, rest) => {
      const argv = [...(command === "" ? [] : [command]), ...rest];
      await tryRun(argv, { home: HOME }, (host) => {
        const text = host.text(".aws/credentials") ?? "";
        if (!text.includes("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")) {
          throw new Error(`the key is gone: ${text}`);
        }
      });
    },
  ),
}];
