/**
 * The built-in strategies: specific before generic, since the first one that matches is used.
 *
 * @module
 */

import { assumeRole } from "./assume_role.ts";
import { chainedRole } from "./chained_role.ts";
import { passThrough } from "./pass_through.ts";
import { sessionToken } from "./session_token.ts";
import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/** The built-in strategies, in the order in which a profile is matched against them. */
export const strategies: readonly RegisteredStrategy[] = [
  passThrough,
  chainedRole,
  assumeRole,
  sessionToken,
];
