import { type Attempt, readRefusal, refused } from "../../lib/aws/refusal.ts";
import { isAccessDenied, isMfaRefusal } from "../../lib/aws/refusal_kind.ts";
import { EacError, type ErrorCode } from "../../lib/errors.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

const ROLE = "arn:aws:iam::123456789012:role/deploy";
const SERIAL = "arn:aws:iam::123456789012:mfa/alice";
const NOW = Date.UTC(2026, 10, 23, 13);
const CALLER = "arn:aws:iam::123456789012:user/alice";
const DENIED = `User: ${CALLER} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`;

const ATTEMPT: Attempt = {
  call: "AssumeRole",
  server: "sts.eu-west-1.amazonaws.com",
  now: NOW,
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  temporary: false,
  codeSent: false,
  roleArn: ROLE,
  durationSeconds: 3600,
};
const WITH_CODE: Attempt = { ...ATTEMPT, codeSent: true, mfaSerial: SERIAL };
const SESSION: Attempt = { ...ATTEMPT, call: "GetSessionToken" };
const TEMPORARY: Attempt = { ...ATTEMPT, accessKeyId: "ASIAIOSFODNN7EXAMPLE", temporary: true };

/** An answer of AWS's. */
function xml(code: string, message: string): string {
  const text = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>` +
    `<Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error>` +
    `<RequestId>0</RequestId></ErrorResponse>`;
}

interface Given {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
  readonly attempt?: Attempt;
}

function errorOf({ status, body, headers = {}, attempt = ATTEMPT }: Given): EacError {
  const date = new Date(NOW).toUTCString();
  const answer = { status, headers: { date, ...headers }, body: new TextEncoder().encode(body) };
  return refused(readRefusal(answer, ["123456", "hidden+secret/="]), attempt);
}

const invalid = (parameter: string, value: string) =>
  xml(
    "ValidationError",
    `1 validation error detected: Value '${value}' at '${parameter}' failed to satisfy constraint: Member must be otherwise`,
  );

const TABLE: readonly [name: string, given: Given, code: ErrorCode, text: RegExp, hint: RegExp][] =
  [
    // AWS's messages, from public reports.
    [
      "a wrong code",
      {
        status: 403,
        body: xml(
          "AccessDenied",
          "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        ),
        attempt: WITH_CODE,
      },
      "mfa_rejected",
      /^AWS rejected the MFA code for arn:.*mfa\/alice: "Multi.*pass code\."$/,
      /once/,
    ],
    [
      "a foreign serial",
      {
        status: 403,
        body: xml(
          "AccessDenied",
          "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
        ),
        attempt: WITH_CODE,
      },
      "mfa_rejected",
      /arn:.*mfa\/alice/,
      /mfa_serial/,
    ],
    [
      "a code of five digits",
      { status: 400, body: invalid("tokenCode", "12345"), attempt: WITH_CODE },
      "mfa_rejected",
      /MFA code/,
      /six digits/,
    ],
    [
      "a role that refuses",
      { status: 403, body: xml("AccessDenied", DENIED) },
      "access_denied",
      /^AWS refused to let these credentials assume arn:.*deploy: "User: arn:/,
      /trusts this caller; if it requires more, set external_id or mfa_serial$/,
    ],
    [
      "a role that refuses in spite of a code",
      {
        status: 403,
        body: xml("AccessDenied", DENIED),
        attempt: { ...WITH_CODE, externalId: "x1" },
      },
      "access_denied",
      /refused/,
      /trusts this caller and that external_id is right$/,
    ],
    [
      "a role that wants MFA, the serial only in the source",
      {
        status: 403,
        body: xml("AccessDenied", DENIED),
        attempt: { ...ATTEMPT, mfaSerialOnlyIn: "base" },
      },
      "access_denied",
      /refused/,
      /--mfa-token.*MFA device of "base"/,
    ],
    [
      "a role that refuses a shared session",
      {
        status: 403,
        body: xml("AccessDenied", DENIED),
        attempt: { ...TEMPORARY, sharedSession: true },
      },
      "access_denied",
      /refused/,
      /--no-session/,
    ],
    [
      "no policy of the caller",
      {
        status: 403,
        body: xml("AccessDenied", `${DENIED} because no identity-based policy allows the action`),
      },
      "access_denied",
      /identity-based/,
      /caller's own policies/,
    ],
    [
      "an explicit deny",
      {
        status: 403,
        body: xml("AccessDenied", `${DENIED} with an explicit deny in a service control policy`),
      },
      "access_denied",
      /explicit/,
      /explicitly/,
    ],
    [
      "tags without sts:TagSession",
      {
        status: 403,
        body: xml("AccessDenied", DENIED.replace("sts:AssumeRole", "sts:TagSession")),
      },
      "access_denied",
      /TagSession/,
      /session_tags/,
    ],
    [
      "a wrong secret",
      {
        status: 403,
        body: xml(
          "SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided.",
        ),
      },
      "invalid_credentials",
      /^the secret access key does not match AKIAIOSFODNN7EXAMPLE/,
      /40/,
    ],
    [
      "a slow clock",
      {
        status: 403,
        body: xml(
          "SignatureDoesNotMatch",
          "Signature expired: T1 is now earlier than T2 (T3 - 15 min.)",
        ),
        headers: { date: new Date(NOW + 1_234_000).toUTCString() },
      },
      "clock_skew",
      /^this machine's clock is 1234 s behind AWS's: "Signature/,
      /set the clock/,
    ],
    [
      "a fast clock",
      {
        status: 403,
        body: xml("SignatureDoesNotMatch", "Signature not yet current: T1 is still later than T2"),
        headers: { date: new Date(NOW - 3_600_000).toUTCString() },
      },
      "clock_skew",
      /clock is 3600 s ahead of AWS's/,
      /set the clock/,
    ],
    [
      "a wrong clock, told by the message alone",
      {
        status: 403,
        body: xml(
          "SignatureDoesNotMatch",
          "Signature expired: 20261123T130000Z is now earlier than 20261123T132000Z (20261123T133500Z - 15 min.)",
        ),
        headers: { date: "" },
      },
      "clock_skew",
      /clock is 2100 s behind/,
      /set the clock/,
    ],
    [
      "an unknown key",
      {
        status: 403,
        body: xml("InvalidClientTokenId", "The security token included in the request is invalid."),
      },
      "invalid_credentials",
      /does not know the access key AKIAIOS.*, or it is inactive/,
      /console/,
    ],
    [
      "a wrong session token",
      {
        status: 403,
        body: xml("InvalidClientTokenId", "The security token included in the request is invalid."),
        attempt: TEMPORARY,
      },
      "invalid_credentials",
      /session token of ASIAIOS/,
      /aws_session_token/,
    ],
    [
      "an expired token",
      {
        status: 403,
        body: xml("ExpiredToken", "The security token included in the request is expired"),
        attempt: TEMPORARY,
      },
      "expired",
      /has expired: "The/,
      /renew/,
    ],
    [
      "an expired token, by its other name",
      {
        status: 400,
        body: xml("ExpiredTokenException", "Token expired: current date/time must be before"),
        attempt: { ...ATTEMPT, call: "AssumeRoleWithWebIdentity" },
      },
      "expired",
      /web identity token has expired/,
      /web_identity_token_file/,
    ],
    [
      "an expired assertion of a strategy",
      {
        status: 400,
        body: xml("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
        attempt: { ...ATTEMPT, call: "AssumeRoleWithSAML", byStrategy: true },
      },
      "expired",
      /SAML assertion has expired/,
      /--refresh/,
    ],
    [
      "an assertion that AWS does not accept",
      {
        status: 400,
        body: xml("InvalidIdentityToken", "Response signature invalid"),
        attempt: { ...ATTEMPT, call: "AssumeRoleWithSAML", byStrategy: true },
      },
      "invalid_credentials",
      /does not accept the SAML assertion/,
      /provider in IAM/,
    ],
    [
      "a role that does not trust the SAML provider",
      {
        status: 403,
        body: xml("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"),
        attempt: { ...ATTEMPT, call: "AssumeRoleWithSAML", byStrategy: true },
      },
      "access_denied",
      /refused to let this SAML assertion assume/,
      /sts:AssumeRoleWithSAML/,
    ],
    [
      "a token of a strategy that AWS does not accept",
      {
        status: 400,
        body: xml("InvalidIdentityToken", "Incorrect token audience"),
        attempt: { ...ATTEMPT, call: "AssumeRoleWithWebIdentity", byStrategy: true },
      },
      "invalid_credentials",
      /web identity token/,
      /audience/,
    ],
    [
      "a duration out of range",
      { status: 400, body: invalid("durationSeconds", "899"), attempt: SESSION },
      "invalid_parameter",
      /duration of 3600 s/,
      /900 to 43200/,
    ],
    [
      "a duration above the role's",
      {
        status: 400,
        body: xml(
          "ValidationError",
          "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
      },
      "invalid_parameter",
      /3600 s is longer than arn:.*deploy allows/,
      /duration_seconds/,
    ],
    [
      "a long chained role",
      {
        status: 400,
        body: xml(
          "ValidationError",
          "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ),
        attempt: { ...TEMPORARY, durationSeconds: 7200 },
      },
      "invalid_parameter",
      /7200 s .* 3600 s at most/,
      /3600/,
    ],
    [
      "a bad session name",
      { status: 400, body: invalid("roleSessionName", "a b") },
      "invalid_parameter",
      /role_session_name/,
      /letters/,
    ],
    [
      "a bad tag",
      { status: 400, body: invalid("tags.1.member.key", "") },
      "invalid_parameter",
      /session_tags/,
      /128/,
    ],
    [
      "a broken policy",
      {
        status: 400,
        body: xml("MalformedPolicyDocument", "This policy contains invalid Json"),
      },
      "invalid_parameter",
      /session policy: "This/,
      /session_policy/,
    ],
    [
      "GetSessionToken from temporary keys",
      {
        status: 403,
        body: xml("AccessDenied", "Cannot call GetSessionToken with session credentials"),
        attempt: { ...SESSION, temporary: true },
      },
      "access_denied",
      /long-lived keys/,
      /mfa_session = off/,
    ],
    [
      "a region that is off",
      {
        status: 403,
        body: xml("RegionDisabledException", "STS is not activated in this region for account:1"),
      },
      "access_denied",
      /not activated in this region/,
      /--region/,
    ],
    [
      "too many requests",
      { status: 400, body: xml("Throttling", "Rate exceeded") },
      "throttled",
      /"Rate exceeded"$/,
      /AWS_MAX_ATTEMPTS/,
    ],
    [
      "a failure of AWS",
      { status: 503, body: xml("ServiceUnavailable", "try later") },
      "service",
      /^sts\.eu-west-1\.amazonaws\.com failed with HTTP 503: "try later"$/,
      /again in a moment/,
    ],
    [
      "a failure after a code",
      { status: 500, body: "", attempt: WITH_CODE },
      "service",
      /HTTP 500$/,
      /next code/,
    ],
    // Web identity.
    [
      "a refused web identity",
      {
        status: 403,
        body: xml("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        attempt: { ...ATTEMPT, call: "AssumeRoleWithWebIdentity" },
      },
      "access_denied",
      /Not authorized/,
      /audience and subject/,
    ],
    [
      "an unreachable identity provider",
      {
        status: 400,
        body: xml("IDPCommunicationError", "The identity provider failed to respond"),
      },
      "service",
      /identity provider/,
      /again/,
    ],
    [
      "an invalid token",
      {
        status: 400,
        body: xml("InvalidIdentityToken", "No OpenIDConnect provider found"),
      },
      "invalid_credentials",
      /web identity token/,
      /audience/,
    ],
    // Other servers.
    [
      "moto's Errors, as text/html",
      {
        status: 403,
        body:
          "<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code><Message>The security " +
          "token included in the request is invalid.</Message></Error></Errors></ErrorResponse>",
        headers: { "content-type": "text/html" },
      },
      "invalid_credentials",
      /does not know/,
      /console/,
    ],
    [
      "Ceph's bare Error with an empty Message",
      {
        status: 403,
        body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message></Message></Error>',
      },
      "access_denied",
      /deploy \(AccessDenied, without an explanation\)$/,
      /trusts/,
    ],
    [
      "an Error with an empty element",
      {
        status: 400,
        body: "<Error><Code>InvalidArgument</Code><Message/></Error>",
      },
      "invalid_parameter",
      /\(InvalidArgument, without/,
      /eac explain/,
    ],
    [
      "an HTML page with a 500",
      {
        status: 500,
        body: "<!doctype html><h1>Internal Server Error</h1>",
      },
      "service",
      /failed with HTTP 500$/,
      /again/,
    ],
    [
      "a sign-in page",
      {
        status: 403,
        body: "<html><body>Please sign in</body></html>",
      },
      "service",
      /answered HTTP 403, but not as STS does$/,
      /proxy/,
    ],
    [
      "a redirect",
      {
        status: 302,
        body: "",
        headers: { location: "https://login.example.com/?token=hidden" },
      },
      "service",
      /redirect \(302 to https:\/\/login\.example\.com\/\)$/,
      /endpoint_url/,
    ],
    [
      "an unknown code",
      { status: 400, body: xml("SomethingNew", "that is new") },
      "invalid_parameter",
      /"that is new"$/,
      /explain/,
    ],
  ];

Deno.test("an STS error has its cause, AWS's message and a hint", async (t) => {
  for (const [name, given, code, message, hint] of TABLE) {
    await t.step(name, () => {
      const error = errorOf(given);
      assertEquals(error.code, code);
      assertMatch(error.message, message);
      assertMatch(error.hint ?? "", hint);
    });
  }
});

Deno.test("an AWS error message shows no secret, no canonical request and no control character", () => {
  const shown = (message: string) => errorOf({ status: 403, body: xml("X", message) }).message;
  const canonical = "no match.\n\nThe Canonical String for this request should have been\n'POST'";
  assertMatch(shown(canonical), /: "no match\."$/);
  assertMatch(shown("code 123456 of account 123456789012"), /code \*\*\* of account 123456789012/);
  assertMatch(shown("token 'hidden+secret/='"), /token '\*\*\*'/);
  assertMatch(shown("a\u001b[31mb\nc"), /a \[31mb c/);
  assert(shown("x".repeat(10_000)).length < 1000);
});

Deno.test("isMfaRefusal distinguishes a rejected code from an invalid MFA device", () => {
  const of = (message: string) => errorOf({ status: 403, body: xml("AccessDenied", message) });
  assert(
    isMfaRefusal(of("MultiFactorAuthentication failed with invalid MFA one time pass code. ")),
  );
  assert(isMfaRefusal(errorOf({ status: 400, body: invalid("tokenCode", "1") })));
  assert(!isMfaRefusal(of("MultiFactorAuthentication failed, unable to validate MFA code.")));
  assert(!isMfaRefusal(of(DENIED)));
  assert(!isMfaRefusal(new EacError("mfa_rejected", "by eac itself")));
});

Deno.test("isAccessDenied distinguishes AccessDenied from other errors", () => {
  assert(isAccessDenied(errorOf({ status: 403, body: xml("AccessDenied", DENIED) })));
  assert(!isAccessDenied(errorOf({ status: 403, body: xml("RegionDisabledException", "") })));
  assert(!isAccessDenied(new Error("AccessDenied")));
});
