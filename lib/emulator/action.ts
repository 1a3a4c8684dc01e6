/**
 * The type of an action: its input, its output and its authorization.
 *
 * @module
 */

import type { Xml } from "./answers.ts";
import type { Caller } from "./caller.ts";
import type { Random, World } from "./world.ts";

/** A call with its authenticated caller. */
export interface Situation {
  readonly world: World;
  readonly caller: Caller;
  readonly parameters: Readonly<Record<string, string>>;
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
  readonly random: Random;
}

/** Performs one action; returns its result, if it has one; throws a `Refusal`. */
export type Action = (situation: Situation) => Promise<Xml | undefined> | Xml | undefined;

/** True unless the calling user's policies deny the action. */
export function isAllowed({ caller }: Situation, action: string, codeGiven = false): boolean {
  const { user, session } = caller;
  if (!user) return true;
  const hasMfa = codeGiven || session?.mfaAt !== undefined;
  if (!hasMfa && user.deniedWithoutMfa?.includes(action)) return false;
  return !user.denied?.includes(action);
}
