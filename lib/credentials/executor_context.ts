/**
 * What the executor and its parts need in addition to the plan.
 *
 * @module
 */

import type { Circumstances } from "../aws/refusal.ts";
import type { Sts } from "../aws/sts.ts";
import type { Host } from "../host/host.ts";
import type { Credentials, Secret, SignIn } from "../plan/credentials.ts";
import type { Services } from "../plan/services.ts";
import type { CustomStep } from "../plan/step.ts";
import type { CachePolicy } from "./cache/cached_prefix.ts";
import type { CodeSource } from "./mfa/code_source.ts";
import type { ResolveContext } from "./providers/resolve_base.ts";

/**
 * What the profiles of one run share in addition to the caches, so that no step runs or fails
 * twice.
 */
export interface Shared {
  /** Started steps, by their key and the origin of their code. */
  readonly steps: Map<string, Promise<Credentials>>;
  /** The last call with a code of each device: the next one waits for it. */
  readonly devices: Map<string, Promise<unknown>>;
  /** The sign-ins of custom strategies, by key. */
  readonly signIns: Map<string, Promise<SignInToken>>;
}

/** The token of a custom sign-in, and whether an earlier run signed in for it. */
export interface SignInToken {
  readonly token: Secret;
  /** In milliseconds since 1970. */
  readonly expiration: number;
  readonly isCached: boolean;
}

/** What the executor does for a custom strategy. */
export type StrategyCalls = Pick<Services, "call" | "federate" | "code">;

/** What a custom strategy gets from its source: credentials, or the token of a sign-in. */
export interface Source {
  readonly credentials?: Credentials | undefined;
  readonly token?: Secret | undefined;
}

/** What the executor needs in addition to the plan. */
export interface ExecutorContext {
  readonly host: Host;
  readonly shared: Shared;
  readonly policy: CachePolicy;
  readonly sts: Sts;
  readonly codes: CodeSource;
  /** The codes of the sign-in's profile, if the plan begins with one. */
  readonly signInCodes?: CodeSource | undefined;
  readonly resolve: ResolveContext;
  readonly circumstances: Circumstances;
  /** Runs the code of a custom strategy. */
  readonly custom: (
    step: CustomStep,
    source: Source,
    services: StrategyCalls,
  ) => Promise<Credentials>;
  /** Runs the code of a custom strategy that gives a sign-in. */
  readonly signIn: (
    step: CustomStep,
    services: StrategyCalls,
  ) => Promise<SignIn>;
  readonly warn: (text: string) => void;
  /** Runs work that may take a while, and shows progress. */
  readonly busy: <T>(text: string, work: () => Promise<T>) => Promise<T>;
}
