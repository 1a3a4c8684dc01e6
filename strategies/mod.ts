/**
 * The registry: specific before generic; the first whose keys a profile has is taken.
 *
 * @module
 */

import { assumeRole } from "./assume_role.ts";
import { chainedRole } from "./chained_role.ts";
import { passThrough } from "./pass_through.ts";
import { sessionToken } from "./session_token.ts";
import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/** The strategies that eac brings, in the order in which they are held against a profile. */
export const strategies: readonly RegisteredStrategy[] = [
  passThrough,
  chainedRole,
  assumeRole,
  sessionToken,
];
