/**
 * Explains an error response of STS: the cause, AWS's message and a hint. Pure.
 *
 * AWS documents few of its messages; those here are quoted in public reports. Other servers with
 * STS's protocol (moto, Ceph, LocalStack, MinIO) have other messages, so a rule uses the error code
 * where possible; an error without a rule is reported unchanged.
 *
 * @module
 */

import { ROLE_BOUNDS, SESSION_BOUNDS } from "../plan/durations.ts";
import { EacError, type ErrorCode } from "../errors.ts";
import type { HttpAnswer } from "../host/host.ts";
import { withoutSecrets } from "../text/secrets.ts";
import { DENIED, isWrongCode, type StsRefusal, TRANSIENT } from "./refusal_kind.ts";

/** The IAM calls that eac makes. */
export type IamCall =
  | "CreateAccessKey"
  | "DeleteAccessKey"
  | "GetAccessKeyLastUsed"
  | "ListAccessKeys"
  | "ListMFADevices"
  | "UpdateAccessKey";

/** The STS calls that eac makes. */
export type StsCall =
  | "AssumeRole"
  | "AssumeRoleWithSAML"
  | "AssumeRoleWithWebIdentity"
  | "GetCallerIdentity"
  | "GetFederationToken"
  | "GetSessionToken";

/** Context from the caller that improves a hint. */
export interface Circumstances {
  /** The profile has no `mfa_serial`, but its source, of this name, has one. */
  readonly mfaSerialOnlyIn?: string | undefined;
  /** The call is signed by an MFA session that serves several roles. */
  readonly sharedSession?: boolean | undefined;
  /** True if a custom strategy passed the assertion or token; otherwise it is the profile's. */
  readonly byStrategy?: boolean | undefined;
  /** The profile that the chain of calls starts from. */
  readonly base?: string | undefined;
}

/** The call that was refused. */
export interface Attempt extends Circumstances {
  readonly call: StsCall | IamCall;
  /** The host of the endpoint. */
  readonly server: string;
  /** This machine's clock, milliseconds since 1970. */
  readonly now: number;
  readonly accessKeyId?: string | undefined;
  /** Signed with temporary credentials. */
  readonly temporary: boolean;
  readonly codeSent: boolean;
  readonly roleArn?: string | undefined;
  readonly mfaSerial?: string | undefined;
  readonly externalId?: string | undefined;
  readonly durationSeconds?: number | undefined;
}

interface Rule {
  readonly code: ErrorCode;
  readonly when: (refusal: StsRefusal, attempt: Attempt) => boolean;
  readonly what: (refusal: StsRefusal, attempt: Attempt) => string;
  readonly hint: (refusal: StsRefusal, attempt: Attempt) => string;
}

/** AWS accepts signatures that are this much too old or too early, in milliseconds. */
const SKEW_LIMIT = 15 * 60_000;

const THROTTLING =
  /^(Throttl|RequestThrottled|TooManyRequests|RequestLimitExceeded|SlowDown|PriorRequestNotComplete|BandwidthLimitExceeded)/;
const BAD_SIGNATURE = /^(SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/;
const UNKNOWN_KEY =
  /^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|InvalidToken|AuthFailure|NotSignedUp|OptInRequired)/;

/** First match wins. */
const RULES: readonly Rule[] = [
  {
    code: "service",
    when: ({ status }) => status >= 300 && status < 400,
    what: ({ status, location }, { server }) =>
      `${server} answered with a redirect (${status}${location ? ` to ${location}` : ""})`,
    hint: () => "STS never redirects: check endpoint_url, AWS_ENDPOINT_URL and the proxy",
  },
  {
    code: "throttled",
    when: ({ status, code }) => status === 429 || THROTTLING.test(code),
    what: () => "AWS throttled the request",
    hint: () => "wait a moment and try again; AWS_MAX_ATTEMPTS sets how often eac retries",
  },
  {
    code: "service",
    when: ({ status, code }) => status >= 500 || TRANSIENT.test(code),
    what: ({ status }, { server }) => `${server} failed with HTTP ${status}`,
    hint: (_, { codeSent }) =>
      codeSent
        ? "try again in a moment with the next code: this one may be used up"
        : "try again in a moment; https://health.aws.amazon.com shows the status of AWS",
  },
  {
    code: "service",
    when: ({ code }) => code === "",
    what: ({ status }, { server }) => `${server} answered HTTP ${status}, but not as STS does`,
    hint: () => "check endpoint_url, and whether a proxy or a sign-in page is in the way",
  },

  // MFA.
  {
    code: "mfa_rejected",
    when: (refusal) => isWrongCode(refusal),
    what: (_, { mfaSerial }) => `AWS rejected the MFA code for ${mfaSerial ?? "the device"}`,
    hint: () => "each code works only once: wait for the next one",
  },
  {
    code: "mfa_rejected",
    when: ({ message }) => /'tokenCode' failed/i.test(message),
    what: () => "this is not a valid MFA code",
    hint: () => "an MFA code has six digits",
  },
  {
    code: "mfa_rejected",
    when: ({ message }) => /unable to validate MFA code|verify your MFA serial/i.test(message),
    what: (_, { mfaSerial }) => `AWS does not know the MFA device ${mfaSerial} for this user`,
    hint: () =>
      "check mfa_serial against the user's security credentials in the console, and that the " +
      "access key belongs to the same user",
  },
  {
    code: "mfa_rejected",
    when: ({ message }) => /MultiFactorAuthentication failed/i.test(message),
    what: () => "AWS rejected the MFA",
    hint: () => "check mfa_serial, and try the next code",
  },

  // Clock, keys, tokens.
  {
    code: "clock_skew",
    when: (refusal, attempt) =>
      /Signature expired|not yet current|RequestTimeTooSkewed|Skewed/i
        .test(`${refusal.code} ${refusal.message}`) ||
      BAD_SIGNATURE.test(refusal.code) && Math.abs(skewOf(refusal, attempt) ?? 0) > SKEW_LIMIT,
    what: (refusal, attempt) => {
      const seconds = Math.round((skewOf(refusal, attempt) ?? 0) / 1000);
      if (seconds === 0) return "this machine's clock differs from AWS's";
      const way = seconds > 0 ? "ahead of" : "behind";
      return `this machine's clock is ${Math.abs(seconds)} s ${way} AWS's`;
    },
    hint: () => "set the clock (NTP), then try again",
  },
  {
    code: "invalid_credentials",
    when: ({ code }) => BAD_SIGNATURE.test(code),
    what: (_, { accessKeyId }) => `the secret access key does not match ${accessKeyId}`,
    hint: () => "check aws_secret_access_key: it must have all its 40 characters",
  },
  {
    code: "expired",
    when: ({ code }) => /^(ExpiredToken|RequestExpired|TokenRefreshRequired)/.test(code),
    what: (_, { call }) =>
      isFederated(call)
        ? `the ${FEDERATED[call]} has expired`
        : "the session token of the base credentials has expired",
    hint: (_, { call, base, byStrategy }) =>
      isFederated(call)
        ? byStrategy ? "sign in again: --refresh" : "renew web_identity_token_file"
        : base === undefined
        ? "renew the profile's base credentials"
        : `renew the credentials of "${base}", the profile's base`,
  },
  {
    code: "invalid_credentials",
    when: ({ code }) => UNKNOWN_KEY.test(code),
    what: (_, { accessKeyId, temporary }) =>
      temporary
        ? `AWS does not accept the session token of ${accessKeyId}`
        : `AWS does not know the access key ${accessKeyId}, or it is inactive`,
    hint: (_, { temporary, sharedSession }) =>
      temporary && sharedSession
        ? "try again with --refresh; if that does not help, check the user's access key in the console"
        : temporary
        ? "check aws_session_token, or renew the profile's base credentials"
        : "check the key in the console; keys of China and GovCloud need a region there",
  },
  {
    code: "invalid_credentials",
    when: ({ code }) => /^(InvalidIdentityToken|IDPRejectedClaim)/.test(code),
    what: (_, { call }) =>
      `AWS does not accept the ${
        FEDERATED[isFederated(call) ? call : "AssumeRoleWithWebIdentity"]
      }`,
    hint: (_, { call, byStrategy }) =>
      call === "AssumeRoleWithSAML"
        ? "check its Role attribute (role and provider), its audience, and the provider in IAM"
        : byStrategy
        ? "check the token's issuer and audience, and the identity provider in IAM"
        : "check web_identity_token_file, and the role's identity provider and audience",
  },

  // Permissions.
  {
    code: "access_denied",
    when: ({ message }) => /GetSessionToken with session credentials/i.test(message),
    what: () => "AWS gives sessions only for long-lived keys, and these are temporary",
    hint: () => "use a user's long-lived keys as the base, or set mfa_session = off",
  },
  {
    code: "access_denied",
    when: ({ code }) => code.startsWith("RegionDisabled"),
    what: () => "STS is not activated in this region for the account",
    hint: () => "use another --region, or activate it in the account settings of IAM",
  },
  {
    code: "access_denied",
    when: ({ code, status }) => DENIED.test(code) || status === 401 || status === 403,
    what: (_, attempt) => `AWS refused to ${deed(attempt)}`,
    hint: (refusal, attempt) => deniedHint(refusal.message, attempt),
  },

  // Parameters.
  {
    code: "invalid_parameter",
    when: ({ message }) => /MaxSessionDuration/.test(message),
    what: (_, { roleArn, durationSeconds }) =>
      `${durationSeconds} s is longer than ${roleArn} allows`,
    hint: () => "lower duration_seconds or --duration, or raise the role's maximum duration in IAM",
  },
  {
    code: "invalid_parameter",
    when: ({ message }) => /role chaining/i.test(message),
    what: (_, { durationSeconds }) =>
      `${durationSeconds} s is too long: role chaining allows 3600 s at most`,
    hint: () => "set duration_seconds to 3600, or mfa_session to off",
  },
  {
    code: "invalid_parameter",
    when: ({ message }) => /'durationSeconds' failed/.test(message),
    what: (_, { durationSeconds }) => `AWS does not accept a duration of ${durationSeconds} s`,
    hint: () =>
      `a role lasts ${ROLE_BOUNDS.least} to ${ROLE_BOUNDS.most} s, a session ${SESSION_BOUNDS.least} to ${SESSION_BOUNDS.most} s`,
  },
  ...parameterRule("roleSessionName", "role_session_name", "letters, digits and =,.@-_ (2 to 64)"),
  ...parameterRule(
    "roleArn",
    "role_arn",
    "a role ARN looks like arn:aws:iam::123456789012:role/NAME",
  ),
  ...parameterRule("externalId", "external_id", "2 to 1224 letters, digits and =,.@:/-_"),
  ...parameterRule(
    "serialNumber",
    "mfa_serial",
    "an MFA device's ARN looks like arn:aws:iam::ACCOUNT:mfa/NAME",
  ),
  ...parameterRule("sourceIdentity", "source_identity", "letters, digits and =,.@-_ (2 to 64)"),
  ...parameterRule("tags", "session_tags", "keys of up to 128, values of up to 256 characters"),
  ...parameterRule("policyArns", "session_policy_arns", "ten ARNs of managed policies at most"),
  ...parameterRule("policy", "session_policy", "a policy in JSON, of 2048 characters at most"),
  {
    code: "invalid_parameter",
    when: ({ code }) => code.startsWith("PackedPolicyTooLarge"),
    what: () => "the session policy and the session tags are too large together",
    hint: () =>
      "shorten session_policy or session_tags, or name a managed policy in session_policy_arns",
  },
  {
    code: "invalid_parameter",
    when: ({ code }) => code.startsWith("MalformedPolicyDocument"),
    what: () => "AWS does not accept the session policy",
    hint: () => "check session_policy: use a policy in JSON, or file:// and a path",
  },
  {
    code: "invalid_parameter",
    when: () => true,
    what: (_, attempt) => `AWS refused to ${deed(attempt)}`,
    hint: () => "check the profile's values; eac explain shows what is sent",
  },
];

/** What authenticates the calls without credentials. */
const FEDERATED = {
  AssumeRoleWithSAML: "SAML assertion",
  AssumeRoleWithWebIdentity: "web identity token",
};

function isFederated(call: Attempt["call"]): call is keyof typeof FEDERATED {
  return Object.hasOwn(FEDERATED, call);
}

function parameterRule(parameter: string, key: string, hint: string): Rule[] {
  return [{
    code: "invalid_parameter",
    when: ({ message }) => new RegExp(`'${parameter}\\b[^']*' failed`).test(message),
    what: () => `AWS does not accept this ${key}`,
    hint: () => hint,
  }];
}

function deed({ call, roleArn }: Attempt): string {
  switch (call) {
    case "GetSessionToken":
      return "give a session (GetSessionToken)";
    case "GetCallerIdentity":
      return "identify these credentials (GetCallerIdentity)";
    case "AssumeRoleWithSAML":
      return `let this SAML assertion assume ${roleArn}`;
    case "AssumeRoleWithWebIdentity":
      return `let this web identity token assume ${roleArn}`;
    case "AssumeRole":
      return `let these credentials assume ${roleArn}`;
    default:
      return `call ${call} of IAM`;
  }
}

function isIam(call: Attempt["call"]): call is IamCall {
  return /(AccessKeys?|AccessKeyLastUsed|MFADevices)$/.test(call);
}

/** `AccessDenied` has many causes, and AWS rarely says which. */
function deniedHint(message: string, attempt: Attempt): string {
  const { call, codeSent, externalId, mfaSerial, mfaSerialOnlyIn, sharedSession } = attempt;
  if (call === "AssumeRoleWithWebIdentity") {
    return "check that the role's trust policy names the identity provider, audience and subject";
  }
  if (call === "AssumeRoleWithSAML") {
    return "check that the role's trust policy names the SAML provider, and allows sts:AssumeRoleWithSAML";
  }
  if (isIam(call) && !attempt.temporary) {
    return "the user's policies must allow it; if they require MFA, set mfa_serial";
  }
  if (call !== "AssumeRole") {
    return "check the policies of the user, the account and the organization";
  }
  if (/sts:TagSession/.test(message)) {
    return "session_tags are sent, so the trust policy must allow sts:TagSession";
  }
  if (/sts:SetSourceIdentity/.test(message)) {
    return "source_identity is sent, so the trust policy must allow sts:SetSourceIdentity";
  }
  if (/explicit deny/i.test(message)) {
    return "a policy denies it explicitly: ask the account's administrator";
  }
  if (/no identity-based policy allows/i.test(message)) {
    return "the caller's own policies must allow sts:AssumeRole on this role";
  }
  if (!codeSent && !sharedSession && mfaSerialOnlyIn !== undefined) {
    return "if the role requires MFA, run eac on a terminal or pass --mfa-token: " +
      `eac then uses the MFA device of "${mfaSerialOnlyIn}"`;
  }
  const right = externalId === undefined ? "" : " and that external_id is right";
  const unset = [
    ...(externalId === undefined ? ["external_id"] : []),
    ...(mfaSerial === undefined && !sharedSession ? ["mfa_serial"] : []),
  ].join(" or ");
  return `check that the role exists and trusts this caller${right}` +
    (unset ? `; if it requires more, set ${unset}` : "") +
    (sharedSession ? "; if it requires the code in this call, use --no-session" : "");
}

/** How far this machine's clock is ahead of the server's, in milliseconds. */
function skewOf({ serverTime, message }: StsRefusal, { now }: Attempt): number | undefined {
  if (serverTime !== undefined) return now - serverTime;
  // "Signature expired: 20261122T070000Z is now earlier than ... (20261122T073500Z - 15 min.)"
  const times = [...message.matchAll(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/g)]
    .map(([, year, month, day, hour, minute, second]) =>
      Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    );
  const [ours, , theirs] = times;
  return ours === undefined || theirs === undefined ? undefined : ours - theirs;
}

/**
 * The error of a refused call: the cause, AWS's message and a hint. Its `cause` is the {@linkcode
 * StsRefusal}.
 */
export function refused(refusal: StsRefusal, attempt: Attempt): EacError {
  const rule = RULES.find((candidate) => candidate.when(refusal, attempt))!;
  const words = refusal.message
    ? `: "${refusal.message}"`
    : refusal.code
    ? ` (${refusal.code}, without an explanation)`
    : "";
  return new EacError(rule.code, rule.what(refusal, attempt) + words, {
    hint: rule.hint(refusal, attempt),
    cause: refusal,
  });
}

/** The maximum length of an error code that is shown: AWS's own are shorter. */
const LONGEST_CODE = 100;

/** Parses an error response in any format: with or without `Errors`, a namespace, a message. */
export function readRefusal(answer: HttpAnswer, secrets: readonly string[]): StsRefusal {
  const body = new TextDecoder().decode(answer.body);
  const serverTime = Date.parse(answer.headers.date ?? "");
  const { location } = answer.headers;
  return {
    status: answer.status,
    code: presentable(element(body, "Code"), secrets).slice(0, LONGEST_CODE),
    message: presentable(element(body, "Message"), secrets),
    ...(Number.isNaN(serverTime) ? {} : { serverTime }),
    ...(location === undefined ? {} : { location: presentable(withoutQuery(location), secrets) }),
  };
}

function element(xml: string, name: string): string {
  // No "<" within a tag: otherwise unclosed tags from a server would take minutes to match.
  const match = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?>([^<]*)</`).exec(xml);
  return (match?.[1] ?? "")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replace(/&apos;|&#39;/g, "'").replaceAll("&amp;", "&")
    .trim();
}

/** The URL of a sign-in page may contain a token. */
function withoutQuery(url: string): string {
  return url.split(/[?#]/)[0] ?? "";
}

/**
 * A server's message, safe to show: one line of limited length, without control characters or
 * secrets. For a wrong signature AWS repeats the canonical request with the session token: the
 * message ends before that.
 */
export function presentable(text: string, secrets: readonly string[]): string {
  let shown = withoutSecrets(text.split(/\n\s*\n|The Canonical String/)[0] ?? "", secrets);
  shown = shown.replace(/Signature=\w+/g, "Signature=***");
  // Not only control characters, but also those that change the writing direction or are invisible.
  shown = shown.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  // AWS repeats a long value in full, and explains the problem after it.
  return shown.length > 600 ? `${shown.slice(0, 250)} ... ${shown.slice(-350)}` : shown;
}
