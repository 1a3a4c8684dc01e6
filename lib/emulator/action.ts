/**
 * An action of a service: its input, its output, and whether its caller is allowed.
 *
 * @module
 */

import type { Xml } from "./answers.ts";
import type { Caller } from "./caller.ts";
import type { Random, World } from "./world.ts";

/** One call, its caller known. */
export interface Situation {
  readonly world: World;
  readonly caller: Caller;
  readonly parameters: Readonly<Record<string, string>>;
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
  readonly random: Random;
}

/** Does one action: its result, `undefined` where it has none; throws a `Refusal`. */
export type Action = (situation: Situation) => Promise<Xml | undefined> | Xml | undefined;

/** True unless the policies of the calling user refuse the action. */
export function isAllowed({ caller }: Situation, action: string, codeGiven = false): boolean {
  const { user, session } = caller;
  if (!user) return true;
  const hasMfa = codeGiven || session?.mfaAt !== undefined;
  if (!hasMfa && user.deniedWithoutMfa?.includes(action)) return false;
  return !user.denied?.includes(action);
}
