/**
 * The temporary credentials that STS issues.
 *
 * @module
 */

import { toTimestamp } from "../plan/credentials.ts";
import type { Situation } from "./action.ts";
import type { Xml } from "./answers.ts";
import { accountOf, nameOf, newKey, newToken, type Role, type Session } from "./world.ts";

type Identity = Pick<Session, "principal" | "arn" | "userId" | "mfaAt" | "chained">;

/** What issuing takes: the caller does not matter. */
export type Issuer = Pick<Situation, "world" | "now" | "random">;

/** Creates and stores temporary credentials. */
export function issue(situation: Issuer, seconds: number, identity: Identity): Session {
  const { world, now, random } = situation;
  const key = newKey("ASIA", random);
  // AWS uses whole seconds.
  const expiration = (Math.floor(now / 1000) + seconds) * 1000;
  const session = { ...key, token: newToken(random), expiration, ...identity };
  world.sessions.push(session);
  return session;
}

/** The credentials of a session, as an answer has them. */
export function credentials(session: Session): Xml {
  return {
    AccessKeyId: session.id,
    SecretAccessKey: session.secret,
    SessionToken: session.token,
    Expiration: toTimestamp(session.expiration),
  };
}

/** The ARN of a role session. */
export function sessionArn(role: Role, sessionName: string): string {
  const partition = role.arn.split(":")[1];
  const resource = `assumed-role/${nameOf(role.arn)}/${sessionName}`;
  return `arn:${partition}:sts::${accountOf(role.arn)}:${resource}`;
}
