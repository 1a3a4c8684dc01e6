/**
 * The profiles whose `credential_process` led to this run. Each run passes them to the program it
 * starts, so that a cycle is detected whatever is in between: another profile, a wrapper, the AWS
 * CLI, a symbolic link.
 *
 * @module
 */

import { sharedFiles } from "../../config/locations.ts";
import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

/** The variable that contains them: a JSON array of [config file, profile]. */
export const CALLERS = "EAC_CALLERS";

type CallersHost = Pick<Host, "env" | "os">;
type Caller = readonly [configFile: string, profile: string];

const SENTENCE = "credential_process forms a cycle: ";

/**
 * The value of {@linkcode CALLERS} for the program of a profile's `credential_process`.
 *
 * @throws {EacError} `cycle` if an ancestor process already runs that program
 */
export function callersWith({ env, os }: CallersHost, profile: string): string {
  // The same name in other files is another profile.
  const { config } = sharedFiles(env, os);
  const callers = parse(env[CALLERS]);
  const first = callers.findIndex(([file, name]) => file === config && name === profile);
  if (first < 0) return JSON.stringify([...callers, [config, profile]]);
  throw cycle([...callers.slice(first).map(([, name]) => name), profile].join(" -> "), profile);
}

/** The cycle that a program reported in its last output; `undefined` if it failed otherwise. */
export function reportedCycle(words: string, profile: string): EacError | undefined {
  const at = words.indexOf(SENTENCE);
  return at < 0 ? undefined : cycle(words.slice(at + SENTENCE.length).split(" / ")[0]!, profile);
}

function cycle(path: string, profile: string): EacError {
  return new EacError("cycle", SENTENCE + path, {
    hint: "change the credential_process of one of them",
    profile,
  });
}

function parse(text: string | undefined): readonly Caller[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter((item): item is Caller => Array.isArray(item)) : [];
  } catch {
    return []; // not a value that eac wrote
  }
}
