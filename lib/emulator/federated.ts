/**
 * The unsigned actions of STS: AssumeRoleWithSAML and AssumeRoleWithWebIdentity. The identity provider
 * names their caller.
 *
 * The checks are those that need no key of a provider: neither the signature of an assertion nor that of a
 * token is verified. Messages are those of the STS API reference and of responses quoted in public.
 *
 * @module
 */

import { accessDenied, Refusal, type Xml } from "./answers.ts";
import { check, checkPacked, invalid, type Rule } from "./parameters.ts";
import { credentials, issue, type Issuer, sessionArn } from "./sessions.ts";
import { accountOf, type Role, uniqueId } from "./world.ts";

/** A call without a signature. */
export interface UnsignedSituation extends Issuer {
  readonly parameters: Readonly<Record<string, string>>;
}

/** The actions by name. */
export const UNSIGNED_ACTIONS: ReadonlyMap<string, (situation: UnsignedSituation) => Xml> = new Map(
  [
    ["AssumeRoleWithSAML", assumeRoleWithSaml],
    ["AssumeRoleWithWebIdentity", assumeRoleWithWebIdentity],
  ],
);

/** The rules of both. */
const COMMON: Readonly<Record<string, Rule>> = {
  RoleArn: { required: true, shortest: 20, longest: 2048 },
  Policy: { shortest: 1, longest: 2048 },
  DurationSeconds: { minimum: 900, maximum: 43_200 },
};

const ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/";

/** The audiences that AWS accepts. */
const AUDIENCE =
  /^(https:\/\/signin\.(\S+\.)?(aws\.amazon|amazonaws)\.com(\.cn)?\/saml|urn:amazon:webservices(:govcloud|:cn-north-1)?)$/;

function assumeRoleWithSaml(situation: UnsignedSituation): Xml {
  const { parameters, now } = situation;
  check(parameters, {
    ...COMMON,
    PrincipalArn: { required: true, shortest: 20, longest: 2048 },
    SAMLAssertion: { required: true, shortest: 4, longest: 100_000 },
  });
  checkPacked(parameters);
  const { RoleArn = "", PrincipalArn = "", SAMLAssertion = "" } = parameters;
  const assertion = decodeXml(SAMLAssertion);

  const audience = textsIn(assertion, "Audience")[0];
  if (audience === undefined || !AUDIENCE.test(audience)) {
    throw refusedToken("Audience is invalid");
  }
  const until = /\bNotOnOrAfter\s*=\s*["']([^"']+)["']/.exec(
    elementIn(assertion, "SubjectConfirmationData") ?? "",
  )?.[1];
  if (until === undefined) throw refusedToken("SubjectConfirmationData has no NotOnOrAfter");
  if (!(Date.parse(until) > now)) {
    throw new Refusal(
      400,
      "ExpiredTokenException",
      "Token must be redeemed within 5 minutes of issuance",
    );
  }
  const pairs = attribute(assertion, "Role").map((pair) =>
    pair.split(",").map((arn) => arn.trim())
  );
  if (!pairs.some((pair) => pair.includes(RoleArn) && pair.includes(PrincipalArn))) {
    throw accessDenied("Not authorized to perform sts:AssumeRoleWithSAML");
  }
  const sessionName = attribute(assertion, "RoleSessionName")[0];
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName ?? "")) {
    throw refusedToken("RoleSessionName is required in AuthnResponse");
  }

  const role = trusting(situation, RoleArn, PrincipalArn, "sts:AssumeRoleWithSAML");
  const lasts = Number(attribute(assertion, "SessionDuration")[0] ?? Infinity);
  const seconds = Math.min(durationFor(role, parameters), lasts);
  const session = assume(situation, role, sessionName!, seconds);
  return {
    ...session,
    Subject: textsIn(assertion, "NameID")[0],
    Audience: audience,
    Issuer: textsIn(assertion, "Issuer")[0],
  };
}

function assumeRoleWithWebIdentity(situation: UnsignedSituation): Xml {
  const { parameters, now } = situation;
  check(parameters, {
    ...COMMON,
    RoleSessionName: { required: true, shortest: 2, longest: 64, pattern: String.raw`[\w+=,.@-]*` },
    WebIdentityToken: { required: true, shortest: 4, longest: 20_000 },
  });
  checkPacked(parameters);
  const { RoleArn = "", RoleSessionName = "", WebIdentityToken = "" } = parameters;
  const { iss, sub, aud, exp } = claimsOf(WebIdentityToken);
  if (typeof exp !== "number") throw refusedToken("Missing a required claim: exp");
  if (exp * 1000 <= now) {
    const [current, last] = [now, exp * 1000].map((at) => Math.floor(at / 1000));
    throw new Refusal(
      400,
      "ExpiredTokenException",
      `Token expired: current date/time ${current} must be before the expiration date/time${last}`,
    );
  }
  for (const [name, claim] of Object.entries({ iss, sub })) {
    if (typeof claim !== "string" || claim === "") {
      throw refusedToken(`Missing a required claim: ${name}`);
    }
  }
  const audiences = [aud].flat().filter((one) => typeof one === "string" && one !== "");
  if (audiences.length === 0) throw refusedToken("Missing a required claim: aud");

  const [, partition = "aws"] = RoleArn.split(":");
  const issuer = String(iss).replace(/^https:\/\//, "").replace(/\/$/, "");
  const provider = `arn:${partition}:iam::${accountOf(RoleArn)}:oidc-provider/${issuer}`;
  const role = trusting(situation, RoleArn, provider, "sts:AssumeRoleWithWebIdentity");
  const accepted = role.trust.audiences;
  if (accepted !== undefined && !audiences.some((one) => accepted.includes(String(one)))) {
    throw refusedToken("Incorrect token audience");
  }
  return {
    ...assume(situation, role, RoleSessionName, durationFor(role, parameters)),
    SubjectFromWebIdentityToken: String(sub),
    Audience: String(audiences[0]),
    Provider: provider,
  };
}

/** The role, if it exists and trusts the provider. */
function trusting({ world }: Issuer, arn: string, provider: string, action: string): Role {
  if (!/^arn:[\w-]+:iam::\w+:role\/./.test(arn)) throw invalid(`${arn} is invalid`);
  const role = world.roles.find((role) => role.arn === arn);
  if (role?.trust.principals.some((one) => one === "*" || one === provider)) return role;
  throw accessDenied(`Not authorized to perform ${action}`);
}

function durationFor(role: Role, { DurationSeconds }: Readonly<Record<string, string>>): number {
  const seconds = Number(DurationSeconds ?? 3600);
  if (seconds <= (role.maxSessionDuration ?? 3600)) return seconds;
  throw invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

function assume(situation: Issuer, role: Role, sessionName: string, seconds: number) {
  const session = issue(situation, seconds, {
    principal: role.arn,
    arn: sessionArn(role, sessionName),
    userId: `${uniqueId("AROA", role.arn)}:${sessionName}`,
    chained: false,
  });
  return {
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    Credentials: credentials(session),
  };
}

function refusedToken(message: string): Refusal {
  return new Refusal(400, "InvalidIdentityToken", message);
}

function decodeXml(base64: string): string {
  let xml: string;
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    xml = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusedToken("Invalid base64 SAMLResponse");
  }
  if (/<(\w+:)?Response\b/.test(xml) && /<(\w+:)?Assertion\b/.test(xml)) return xml;
  throw refusedToken("Invalid SAMLResponse: it is not a Response with an Assertion");
}

/** The first element of that name, whatever its namespace, from its tag to its end. */
function elementIn(xml: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}\\b[^>]*>`).exec(xml)?.[0];
}

/** The texts of the elements of that name, whatever their namespace. */
function textsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}\\b[^>]*>([^<]*)<`, "g"))]
    .map(([, text]) => unescaped(text ?? "").trim());
}

/** The values of one of AWS's attributes. */
function attribute(xml: string, name: string): string[] {
  const all = xml.matchAll(/<(?:\w+:)?Attribute\b([^>]*)>(.*?)<\/(?:\w+:)?Attribute>/gs);
  return [...all].filter(([, tag]) => tag!.includes(`"${ATTRIBUTE}${name}"`))
    .flatMap(([, , values]) => textsIn(values!, "AttributeValue"));
}

function unescaped(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(lt|gt|quot|apos);/g, (_, name: string) => characters[name]!)
    .replaceAll("&amp;", "&");
}

/** The claims of a JWT. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const parts = token.split(".");
  try {
    if (parts.length !== 3 || parts[2] === "") throw new Error("no JWT");
    const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(fromBase64Url(part)));
    if (typeof header.alg !== "string" || typeof claims !== "object") throw new Error("no JWT");
    return claims;
  } catch {
    throw refusedToken(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
}

function fromBase64Url(text: string): string {
  if (!/^[\w-]+$/.test(text)) throw new Error("no base64url");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (one) => one.charCodeAt(0)));
}
