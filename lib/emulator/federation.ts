/**
 * The federation endpoint: a sign-in token for the console, in exchange for a role's credentials.
 *
 * Follows "Enable custom identity broker access to the AWS console" of the IAM User Guide. That the
 * endpoint refuses `SessionDuration` for a chained role is known from aws-vault #77.
 *
 * @module
 */

import { newSigninToken, type Random, type Session, type World } from "./world.ts";

/** Answers `Action=getSigninToken`; every error is the same page with status 400. */
export function getSigninToken(
  parameters: Readonly<Record<string, string>>,
  world: World,
  now: number,
  random: Random,
): Response {
  const { Action, SessionDuration } = parameters;
  const session = findSession(world, parameters.Session ?? "");
  // A session of a user's own keys cannot sign in, only a role's and a federated user's.
  const isRole = session !== undefined && world.roles.some(({ arn }) => arn === session.principal);
  const isFederated = session !== undefined && /:federated-user\//.test(session.arn);
  if (
    Action !== "getSigninToken" || session === undefined || !(isRole || isFederated) ||
    session.expiration <= now
  ) return refused();
  if (SessionDuration !== undefined) {
    const seconds = Number(SessionDuration);
    if (isFederated || session.chained || !(seconds >= 900 && seconds <= 43_200)) return refused();
  }
  return Response.json({ SigninToken: newSigninToken(random) });
}

/** The session of the JSON text `{sessionId, sessionKey, sessionToken}`, if all three match. */
function findSession(world: World, json: string): Session | undefined {
  let given: Record<string, unknown>;
  try {
    given = Object(JSON.parse(json));
  } catch {
    return undefined;
  }
  return world.sessions.find(({ id, secret, token }) =>
    given.sessionId === id && given.sessionKey === secret && given.sessionToken === token
  );
}

function refused(): Response {
  const body = "<html><body><h1>HTTP Status 400 - Invalid credentials parameter</h1>" +
    "<p>The request sent by the client was syntactically incorrect.</p></body></html>\n";
  return new Response(body, { status: 400, headers: { "content-type": "text/html" } });
}
