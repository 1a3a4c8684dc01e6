/**
 * The SDK's own clients as the oracle: eac sends the same parameters and reads the same values, for
 * every operation. An update of the SDK that changes a call or an answer fails here.
 */

import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { createIam } from "../../lib/aws/iam.ts";
import { createSts } from "../../lib/aws/sts.ts";
import { EacError } from "../../lib/errors.ts";
import type { HttpRequest } from "../../lib/host/host.ts";
import { type Credentials, Secret } from "../../lib/plan/credentials.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

const NOW = Date.UTC(2026, 10, 23, 13);
const ENDPOINT = "https://aws.example.com";
const KEY: Credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};
const ROLE = "arn:aws:iam::123456789012:role/Déploy+1";
const SERIAL = "arn:aws:iam::123456789012:mfa/alice";

/** The request without what differs by design: date, signature and user agent. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly form: readonly string[];
  /** The credential scope: key, service and region. */
  readonly scope: string | undefined;
}

function sentOf(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Sent {
  const form = [...new URLSearchParams(String(body))].map(([name, value]) => `${name}=${value}`);
  return {
    method,
    path,
    contentType: headers["content-type"] ?? "",
    form: form.sort(),
    scope: /Credential=(\S+?)\/\d{8}\/(\S+?),/.exec(headers.authorization ?? "")?.slice(1).join(
      " ",
    ),
  };
}

/** Runs eac's call against a response; returns what it sent and returned. */
async function byEac<T>(
  call: (host: Parameters<typeof createSts>[0]) => Promise<T>,
  body: string,
  status = 200,
): Promise<{ sent: Sent; value: T }> {
  let sent: Sent | undefined;
  const host = {
    env: { AWS_MAX_ATTEMPTS: "1" },
    now: () => NOW,
    sleep: () => Promise.resolve(),
    http({ method, url, headers, body: form }: HttpRequest) {
      sent = sentOf(method, new URL(url).pathname, headers, form);
      return Promise.resolve({ status, headers: {}, body: new TextEncoder().encode(body) });
    },
  };
  const value = await call(host);
  return { sent: sent!, value };
}

/** An SDK request handler that returns one response and records the request. */
function handler(body: string, status: number, note: (sent: Sent) => void) {
  return {
    handle(
      request: { method: string; path: string; headers: Record<string, string>; body: unknown },
    ) {
      note(sentOf(request.method, request.path, request.headers, request.body));
      const response = {
        statusCode: status,
        headers: { "content-type": "text/xml" },
        body: new Blob([body]).stream(),
      };
      return Promise.resolve({ response });
    },
  };
}

// deno-lint-ignore no-explicit-any -- commands of two clients, each with its own types
type Command = any;

/** The same by the SDK's client. */
async function bySdk(
  kind: "sts" | "iam",
  command: Command,
  body: string,
  status = 200,
): Promise<{ sent: Sent; value: Command }> {
  let sent: Sent | undefined;
  const Client: Command = kind === "sts" ? STSClient : IAMClient;
  const client = new Client({
    region: "us-east-1",
    endpoint: ENDPOINT,
    maxAttempts: 1,
    credentials: {
      accessKeyId: KEY.accessKeyId,
      secretAccessKey: KEY.secretAccessKey.reveal(),
    },
    requestHandler: handler(body, status, (one) => sent = one),
  });
  try {
    const value = await client.send(command);
    return { sent: sent!, value };
  } finally {
    client.destroy();
  }
}

const TARGET = { url: ENDPOINT, region: "us-east-1" };

function result(call: string, content: string): string {
  return `<${call}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${call}Result>${content}` +
    `</${call}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${call}Response>`;
}

const CREDENTIALS = `<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>` +
  `<SecretAccessKey>a/b+c=&#x41;</SecretAccessKey><SessionToken>to/ken==</SessionToken>` +
  `<Expiration>2026-11-23T14:00:00Z</Expiration></Credentials>`;

/** The credentials that both read. */
function read({ Credentials: given }: Command) {
  return [
    given.AccessKeyId,
    given.SecretAccessKey,
    given.SessionToken,
    given.Expiration.getTime(),
  ];
}

function mine({ credentials: given }: { credentials: Credentials }) {
  return [
    given.accessKeyId,
    given.secretAccessKey.reveal(),
    given.sessionToken?.reveal(),
    given.expiration,
  ];
}

Deno.test("AssumeRole sends and reads the same as the SDK's STSClient, with every parameter", async () => {
  const body = result(
    "AssumeRole",
    `${CREDENTIALS}<AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId>` +
      `<Arn>arn:aws:sts::123456789012:assumed-role/Deploy/me</Arn></AssumedRoleUser>`,
  );
  const eac = await byEac(
    (host) =>
      createSts(host, TARGET).assumeRole(KEY, {
        call: "AssumeRole",
        roleArn: ROLE,
        sessionName: "me@example.com",
        durationSeconds: 900,
        externalId: "partner-7 & sons",
        mfaSerial: SERIAL,
        policy: '{"Version":"2012-10-17","Statement":[]}',
        policyArns: ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"],
        tags: { team: "red", "a b": "ü=1" },
        transitiveTagKeys: ["team"],
        sourceIdentity: "alice",
      }, "123456"),
    body,
  );
  const sdk = await bySdk(
    "sts",
    new AssumeRoleCommand({
      RoleArn: ROLE,
      RoleSessionName: "me@example.com",
      DurationSeconds: 900,
      ExternalId: "partner-7 & sons",
      SerialNumber: SERIAL,
      TokenCode: "123456",
      Policy: '{"Version":"2012-10-17","Statement":[]}',
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/A" }, { arn: "arn:aws:iam::aws:policy/B" }],
      Tags: [{ Key: "team", Value: "red" }, { Key: "a b", Value: "ü=1" }],
      TransitiveTagKeys: ["team"],
      SourceIdentity: "alice",
    }),
    body,
  );
  assertEquals(eac.sent, sdk.sent);
  assertEquals(mine(eac.value), read(sdk.value));
  assertEquals(eac.value.assumedRoleArn, sdk.value.AssumedRoleUser.Arn);
});

Deno.test("AssumeRole without options sends no empty parameters, like the SDK's client", async () => {
  const body = result("AssumeRole", CREDENTIALS);
  const eac = await byEac(
    (host) =>
      createSts(host, TARGET).assumeRole(KEY, {
        call: "AssumeRole",
        roleArn: ROLE,
        sessionName: "x",
      }),
    body,
  );
  const command = new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "x" });
  assertEquals(eac.sent, (await bySdk("sts", command, body)).sent);
});

Deno.test("GetSessionToken sends and reads the same as the SDK's STSClient", async () => {
  const body = result("GetSessionToken", CREDENTIALS);
  const step = { call: "GetSessionToken", durationSeconds: 43_200, mfaSerial: SERIAL } as const;
  const eac = await byEac(
    (host) => createSts(host, TARGET).getSessionToken(KEY, step, "654321"),
    body,
  );
  const command = new GetSessionTokenCommand({
    DurationSeconds: 43_200,
    SerialNumber: SERIAL,
    TokenCode: "654321",
  });
  const sdk = await bySdk("sts", command, body);
  assertEquals(eac.sent, sdk.sent);
  assertEquals(mine(eac.value), read(sdk.value));
});

Deno.test("AssumeRoleWithWebIdentity sends and reads the same as the SDK's STSClient, unsigned", async () => {
  const body = result("AssumeRoleWithWebIdentity", CREDENTIALS);
  const eac = await byEac(
    (host) =>
      createSts(host, TARGET).assumeRoleWithWebIdentity({
        roleArn: ROLE,
        sessionName: "ci",
        token: new Secret("eyJ.a.b"),
        durationSeconds: 3600,
        policy: "{}",
        policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      }),
    body,
  );
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: ROLE,
    RoleSessionName: "ci",
    WebIdentityToken: "eyJ.a.b",
    DurationSeconds: 3600,
    Policy: "{}",
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
  });
  const sdk = await bySdk("sts", command, body);
  assertEquals(eac.sent, sdk.sent);
  assertEquals(eac.sent.scope, undefined);
  assertEquals(mine(eac.value), read(sdk.value));
});

Deno.test("AssumeRoleWithSAML sends and reads the same as the SDK's STSClient, unsigned", async () => {
  const body = result("AssumeRoleWithSAML", CREDENTIALS);
  const provider = "arn:aws:iam::123456789012:saml-provider/corp";
  const policyArns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"];
  const eac = await byEac(
    (host) =>
      createSts(host, TARGET).assumeRoleWithSaml({
        roleArn: ROLE,
        principalArn: provider,
        assertion: new Secret("PHg+/w=="),
        durationSeconds: 3600,
        policy: "{}",
        policyArns,
      }),
    body,
  );
  const command = new AssumeRoleWithSAMLCommand({
    RoleArn: ROLE,
    PrincipalArn: provider,
    SAMLAssertion: "PHg+/w==",
    DurationSeconds: 3600,
    Policy: "{}",
    PolicyArns: policyArns.map((arn) => ({ arn })),
  });
  const sdk = await bySdk("sts", command, body);
  assertEquals(eac.sent, sdk.sent);
  assertEquals(eac.sent.scope, undefined);
  assertEquals(mine(eac.value), read(sdk.value));
});

Deno.test("GetCallerIdentity sends and reads the same as the SDK's STSClient", async () => {
  const body = result(
    "GetCallerIdentity",
    "<Arn>arn:aws:iam::123456789012:user/alice</Arn><UserId>AIDA</UserId><Account>123456789012</Account>",
  );
  const eac = await byEac((host) => createSts(host, TARGET).getCallerIdentity(KEY), body);
  const sdk = await bySdk("sts", new GetCallerIdentityCommand({}), body);
  assertEquals(eac.sent, sdk.sent);
  const { UserId, Account, Arn } = sdk.value;
  assertEquals(eac.value, { UserId, Account, Arn });
});

const ID = "AKIAI44QH8DHBEXAMPLE";
const NEW_KEY = `<AccessKey><UserName>alice</UserName><AccessKeyId>${ID}</AccessKeyId>` +
  `<Status>Active</Status><SecretAccessKey>je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY</SecretAccessKey>` +
  `<CreateDate>2026-11-23T13:00:00Z</CreateDate></AccessKey>`;
const KEYS =
  `<IsTruncated>false</IsTruncated><AccessKeyMetadata><member><UserName>alice</UserName>` +
  `<AccessKeyId>${ID}</AccessKeyId><Status>Inactive</Status><CreateDate>2026-01-02T03:04:05Z</CreateDate>` +
  `</member></AccessKeyMetadata>`;

type IamCase = readonly [
  name: string,
  call: (iam: ReturnType<typeof createIam>) => Promise<unknown>,
  command: Command,
  body: string,
  value: (output: Command) => unknown,
];

const IAM: readonly IamCase[] = [
  [
    "ListAccessKeys",
    (iam) => iam.listAccessKeys(KEY),
    new ListAccessKeysCommand({}),
    KEYS,
    ({ AccessKeyMetadata }) =>
      AccessKeyMetadata.map((one: Command) => ({
        id: one.AccessKeyId,
        active: one.Status === "Active",
        created: one.CreateDate.getTime(),
      })),
  ],
  [
    "ListMFADevices",
    (iam) => iam.listMfaDevices(KEY),
    new ListMFADevicesCommand({}),
    `<MFADevices><member><UserName>alice</UserName><SerialNumber>${SERIAL}</SerialNumber>` +
    "<EnableDate>2026-01-02T03:04:05Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>",
    ({ MFADevices }) => MFADevices.map((one: Command) => one.SerialNumber),
  ],
  [
    "CreateAccessKey",
    async (iam) => {
      const { id, secret } = await iam.createAccessKey(KEY);
      return [id, secret.reveal()];
    },
    new CreateAccessKeyCommand({}),
    NEW_KEY,
    ({ AccessKey }) => [AccessKey.AccessKeyId, AccessKey.SecretAccessKey],
  ],
  [
    "GetAccessKeyLastUsed",
    (iam) => iam.wasAccessKeyUsed(KEY, ID),
    new GetAccessKeyLastUsedCommand({ AccessKeyId: ID }),
    "<UserName>alice</UserName><AccessKeyLastUsed><Region>N/A</Region><ServiceName>N/A</ServiceName>" +
    "</AccessKeyLastUsed>",
    ({ AccessKeyLastUsed }) => AccessKeyLastUsed.LastUsedDate !== undefined,
  ],
  [
    "UpdateAccessKey",
    (iam) => iam.deactivateAccessKey(KEY, ID),
    new UpdateAccessKeyCommand({ AccessKeyId: ID, Status: "Inactive" }),
    "",
    () => undefined,
  ],
  [
    "DeleteAccessKey",
    (iam) => iam.deleteAccessKey(KEY, ID),
    new DeleteAccessKeyCommand({ AccessKeyId: ID }),
    "",
    () => undefined,
  ],
];

for (const [name, call, command, content, value] of IAM) {
  Deno.test(`${name} sends and reads the same as the SDK's IAMClient`, async () => {
    const body = result(name, content);
    const eac = await byEac((host) => call(createIam(host, TARGET)), body);
    const sdk = await bySdk("iam", command, body);
    assertEquals(eac.sent, sdk.sent);
    assertEquals(eac.value, value(sdk.value));
  });
}

/** Shapes of an error that AWS and other servers answer with, and the code in each. */
const ERRORS: readonly (readonly [shape: string, status: number, body: string, code: string])[] = [
  [
    "AWS",
    403,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>` +
    `<Code>ExpiredToken</Code><Message>It is over &amp; out</Message></Error><RequestId>r</RequestId>` +
    `</ErrorResponse>`,
    "ExpiredToken",
  ],
  [
    "AWS, throttling",
    400,
    `<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message>` +
    `</Error><RequestId>r</RequestId></ErrorResponse>`,
    "Throttling",
  ],
  [
    "AWS, unknown code",
    400,
    `<ErrorResponse><Error><Code>SomethingNew</Code><Message>New</Message></Error></ErrorResponse>`,
    "SomethingNew",
  ],
];

for (const [shape, status, body, code] of ERRORS) {
  Deno.test(`an error in the shape of ${shape} has the code and message that the SDK reads`, async () => {
    const error = await assertRejects(
      () => byEac((host) => createSts(host, TARGET).getCallerIdentity(KEY), body, status),
      EacError,
    );
    const thrown: Command = await bySdk("sts", new GetCallerIdentityCommand({}), body, status)
      .then(() => undefined, (reason) => reason);
    assert(thrown.name.startsWith(code), thrown.name);
    const refusal = error.cause as { code: string };
    assertEquals(refusal.code, code);
    assert(error.message.includes(thrown.message), `${error.message} / ${thrown.message}`);
  });
}

/** Other servers (moto, Ceph) answer in shapes that the SDK does not read; eac still finds the code. */
const FOREIGN: readonly (readonly [shape: string, body: string, code: string])[] = [
  [
    "moto",
    "<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code><Message>No</Message></Error></Errors>" +
    "</ErrorResponse>",
    "InvalidClientTokenId",
  ],
  ["Ceph", "<Error><Code>AccessDenied</Code><Message></Message></Error>", "AccessDenied"],
];

for (const [shape, body, code] of FOREIGN) {
  Deno.test(`an error in the shape of ${shape} has its code, and a message from eac`, async () => {
    const error = await assertRejects(
      () => byEac((host) => createSts(host, TARGET).getCallerIdentity(KEY), body, 403),
      EacError,
    );
    assertEquals((error.cause as { code: string }).code, code);
    assert(error.message.length > 20, error.message);
  });
}
