/** The emulator behaves like AWS: every error that eac has to handle, and every success. */

import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "../support/assert.ts";
import {
  ALICE,
  aliceAnd,
  answerOf,
  assertRefused,
  KEY,
  type Key,
  OPEN,
  OTP_SECRET,
  ROLE,
  send,
  SERIAL,
  stage,
  withRole,
} from "../support/emulator_stage.ts";

const DENIED = `User: ${ALICE} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`;
const WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
const WRONG_SERIAL = "MultiFactorAuthentication failed, unable to validate MFA code.  " +
  "Please verify your MFA serial number is valid and associated with this user.";
const WRONG_TOKEN = "The security token included in the request is invalid.";
const WRONG_SIGNATURE =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. " +
  "Consult the service documentation for details.";

/** The message about one parameter that is not what it must be. */
function unfit(member: string, value: string, must: string): string {
  return `1 validation error detected: Value ${value} at '${member}' failed to satisfy ` +
    `constraint: Member must ${must}`;
}

Deno.test("the emulator serves the AWS SDK: a session with a code, then a role", async () => {
  await stage(withRole({ ...OPEN, mfa: true }), async ({ host, emulator, code }) => {
    const client = ({ id, secret, token }: Key) =>
      new STSClient({
        endpoint: emulator.url,
        region: "eu-west-1",
        credentials: {
          accessKeyId: id,
          secretAccessKey: secret,
          ...(token === undefined ? {} : { sessionToken: token }),
        },
        maxAttempts: 1,
        systemClockOffset: host.time - Date.now(),
      });
    const user = client(KEY);
    const refused = new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "test" });
    await assertRejects(() => user.send(refused), Error, DENIED);

    const { Credentials } = await user.send(new GetSessionTokenCommand(await code()));
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    assertMatch(AccessKeyId, /^ASIA[A-Z2-7]{16}$/);
    assertEquals(Credentials?.Expiration?.getTime(), host.time + 43_200_000);
    const session = client({ id: AccessKeyId, secret: SecretAccessKey, token: SessionToken });
    const granted = await session.send(refused);
    assertEquals(
      granted.AssumedRoleUser?.Arn,
      "arn:aws:sts::210987654321:assumed-role/deploy/test",
    );
    assertEquals(granted.Credentials?.Expiration?.getTime(), host.time + 3_600_000);
    user.destroy();
    session.destroy();
    assertEquals(
      emulator.calls.map((call) => [call.action, call.signedWith, call.region, call.errorCode]),
      [
        ["AssumeRole", KEY.id, "eu-west-1", "AccessDenied"],
        ["GetSessionToken", KEY.id, "eu-west-1", undefined],
        ["AssumeRole", AccessKeyId, "eu-west-1", undefined],
      ],
    );
  });
});

Deno.test("GetCallerIdentity names a user, the user's session, and a role's session", async () => {
  await stage(withRole(OPEN), async ({ call, assumeRole }) => {
    const identity = async (key?: Key) => {
      const answer = await call("GetCallerIdentity", {}, key);
      return [answer.text("Arn"), answer.text("UserId"), answer.text("Account")];
    };
    const user = [ALICE, "AIDAALICEEXAMPLEEXAMP", "123456789012"];
    assertEquals(await identity(), user);
    assertEquals(await identity((await call("GetSessionToken")).key()), user);
    assertEquals(await identity((await assumeRole()).key()), [
      "arn:aws:sts::210987654321:assumed-role/deploy/test",
      "AROADEPLOYEXAMPLEEXAM:test",
      "210987654321",
    ]);
  });
});

Deno.test("an error has AWS's format, with the server's time in the Date header", async () => {
  await stage(withRole({ principals: [] }), async ({ assumeRole }) => {
    const answer = await assumeRole();
    const id = answer.headers.get("x-amzn-requestid");
    assertMatch(id ?? "", /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    assertEquals(
      answer.body.trim(),
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>' +
        `<Type>Sender</Type><Code>AccessDenied</Code><Message>${DENIED}</Message></Error>` +
        `<RequestId>${id}</RequestId></ErrorResponse>`,
    );
    assertEquals(answer.headers.get("content-type"), "text/xml");
    assertEquals(answer.headers.get("date"), "Mon, 23 Nov 2026 13:10:00 GMT");
  }, { clockOffset: 600_000 });
});

Deno.test("a code works once, and a rejected one is not used up", async () => {
  await stage(withRole({ ...OPEN, mfa: true }), async ({ host, call, assumeRole, code }) => {
    const early = await code(2);
    assertRefused(await assumeRole(early), 403, "AccessDenied", WRONG_CODE);
    host.time += 60_000;
    assertEquals((await assumeRole(early)).status, 200);
    assertRefused(await assumeRole(early), 403, "AccessDenied", WRONG_CODE);
    assertRefused(await call("GetSessionToken", early), 403, "AccessDenied", WRONG_CODE);
    const late = await code();
    host.time += 30_000;
    assertRefused(await call("GetSessionToken", late), 403, "AccessDenied", WRONG_CODE);
    assertEquals((await call("GetSessionToken", await code())).status, 200);
  });
});

Deno.test("of two calls that send the same code at once, one is served", async () => {
  await stage(aliceAnd(), async ({ call, code }) => {
    const given = await code();
    const answers = await Promise.all([1, 2, 3].map(() => call("GetSessionToken", given)));
    assertEquals(answers.map(({ status }) => status).sort(), [200, 403, 403]);
  });
});

Deno.test("a code of the adjacent time steps is accepted, no other one", async () => {
  await stage(aliceAnd(), async ({ call, code }) => {
    const status = async (steps: number) =>
      (await call("GetSessionToken", await code(steps))).status;
    assertEquals([await status(-2), await status(-1)], [403, 200]);
    assertEquals([await status(2), await status(1)], [403, 200]);
  });
});

Deno.test("an unknown serial, another user's or a security key's fails validation", async () => {
  const fido = "arn:aws:iam::123456789012:u2f/user/alice/key";
  const bob = "arn:aws:iam::123456789012:mfa/bob";
  const world: WorldDescription = {
    users: [
      { arn: ALICE, accessKeys: [{ ...KEY }], mfaDevices: [{ serial: fido }] },
      {
        arn: "arn:aws:iam::123456789012:user/bob",
        accessKeys: [],
        mfaDevices: [{ serial: bob, secret: OTP_SECRET }],
      },
    ],
    roles: [],
  };
  await stage(world, async ({ call, code }) => {
    for (const SerialNumber of [SERIAL, bob, fido]) {
      const answer = await call("GetSessionToken", { ...await code(), SerialNumber });
      assertRefused(answer, 403, "AccessDenied", WRONG_SERIAL);
    }
  });
});

const UNFIT_PARAMETERS: readonly (readonly [string, Record<string, string>, string])[] = [
  [
    "a code of five digits",
    { SerialNumber: SERIAL, TokenCode: "12345" },
    unfit("tokenCode", "'12345'", "have length greater than or equal to 6"),
  ],
  [
    "a code of seven digits",
    { SerialNumber: SERIAL, TokenCode: "1234567" },
    unfit("tokenCode", "'1234567'", "have length less than or equal to 6"),
  ],
  [
    "a code of letters",
    { SerialNumber: SERIAL, TokenCode: "abcdef" },
    unfit("tokenCode", "'abcdef'", String.raw`satisfy regular expression pattern: [\d]*`),
  ],
  [
    "899 seconds",
    { DurationSeconds: "899" },
    unfit("durationSeconds", "'899'", "have value greater than or equal to 900"),
  ],
  [
    "43201 seconds",
    { DurationSeconds: "43201" },
    unfit("durationSeconds", "'43201'", "have value less than or equal to 43200"),
  ],
  [
    "a blank in the session name",
    { RoleSessionName: "my name" },
    unfit(
      "roleSessionName",
      "'my name'",
      String.raw`satisfy regular expression pattern: [\w+=,.@-]*`,
    ),
  ],
  [
    "a session name of one letter",
    { RoleSessionName: "x" },
    unfit("roleSessionName", "'x'", "have length greater than or equal to 2"),
  ],
  [
    "an external id of one letter",
    { ExternalId: "x" },
    unfit("externalId", "'x'", "have length greater than or equal to 2"),
  ],
  [
    "something that is no role",
    { RoleArn: "arn:aws:iam::123456789012:user/alice" },
    "arn:aws:iam::123456789012:user/alice is invalid",
  ],
];

for (const [what, parameters, message] of UNFIT_PARAMETERS) {
  Deno.test(`AssumeRole refuses ${what} with AWS's message`, async () => {
    await stage(withRole(OPEN, 43_200), async ({ assumeRole }) => {
      assertRefused(await assumeRole(parameters), 400, "ValidationError", message);
    });
  });
}

Deno.test("AssumeRole names all invalid parameters at once, and a missing one", async () => {
  await stage(withRole(OPEN), async ({ call }) => {
    assertRefused(
      await call("AssumeRole", { RoleArn: ROLE, DurationSeconds: "1" }),
      400,
      "ValidationError",
      "2 validation errors detected: Value null at 'roleSessionName' failed to satisfy " +
        "constraint: Member must not be null; Value '1' at 'durationSeconds' failed to satisfy " +
        "constraint: Member must have value greater than or equal to 900",
    );
  });
});

Deno.test("GetSessionToken accepts 900 to 129600 seconds, 43200 by default", async () => {
  await stage(aliceAnd(), async ({ host, call }) => {
    const lasts = async (parameters: Record<string, string>) => {
      const answer = await call("GetSessionToken", parameters);
      return (Date.parse(answer.text("Expiration") ?? "") - host.time) / 1000;
    };
    assertEquals(await lasts({}), 43_200);
    assertEquals(await lasts({ DurationSeconds: "900" }), 900);
    assertEquals(await lasts({ DurationSeconds: "129600" }), 129_600);
    assertRefused(
      await call("GetSessionToken", { DurationSeconds: "129601" }),
      400,
      "ValidationError",
      unfit("durationSeconds", "'129601'", "have value less than or equal to 129600"),
    );
  });
});

Deno.test("GetSessionToken refuses temporary credentials of both kinds", async () => {
  await stage(withRole(OPEN), async ({ call, assumeRole }) => {
    const message = "Cannot call GetSessionToken with session credentials";
    for (const answer of [await call("GetSessionToken"), await assumeRole()]) {
      const again = await call("GetSessionToken", {}, answer.key());
      assertRefused(again, 403, "AccessDenied", message);
    }
  });
});

Deno.test("a code without a serial, or a serial without a code, is refused", async () => {
  await stage(aliceAnd(), async ({ call }) => {
    const message = "MultiFactorAuthentication failed, must provide both MFA serial number and " +
      "one time pass code.";
    for (const parameters of [{ SerialNumber: SERIAL }, { TokenCode: "123456" }]) {
      assertRefused(await call("GetSessionToken", parameters), 403, "AccessDenied", message);
    }
  });
});

Deno.test("a role trusts what its trust policy names: a user, an account or a role", async () => {
  const hop = "arn:aws:iam::123456789012:role/hop";
  for (const principal of [ALICE, "123456789012", "arn:aws:iam::123456789012:root", "*"]) {
    await stage(withRole({ principals: [principal] }), async ({ assumeRole }) => {
      assertEquals((await assumeRole()).status, 200);
    });
  }
  const session = "arn:aws:sts::123456789012:assumed-role/hop/test";
  for (const principal of [hop, session]) {
    const world = aliceAnd({ arn: hop, trust: OPEN }, {
      arn: ROLE,
      trust: { principals: [principal] },
    });
    await stage(world, async ({ assumeRole }) => {
      assertRefused(await assumeRole(), 403, "AccessDenied", DENIED);
      const key = (await assumeRole({ RoleArn: hop })).key();
      assertEquals((await assumeRole({}, key)).status, 200);
      const other = (await assumeRole({ RoleArn: hop, RoleSessionName: "other" })).key();
      assertEquals((await assumeRole({}, other)).status, principal === hop ? 200 : 403);
    });
  }
});

Deno.test("a missing role, a wrong external ID and a policy cause the same denial", async () => {
  await stage(withRole({ ...OPEN, externalId: "Unique-1" }), async ({ assumeRole }) => {
    assertRefused(await assumeRole(), 403, "AccessDenied", DENIED);
    assertRefused(await assumeRole({ ExternalId: "unique-1" }), 403, "AccessDenied", DENIED);
    assertEquals((await assumeRole({ ExternalId: "Unique-1" })).status, 200);
    const RoleArn = "arn:aws:iam::210987654321:role/none";
    const answer = await assumeRole({ RoleArn });
    assertRefused(answer, 403, "AccessDenied", DENIED.replace(ROLE, RoleArn));
  });
  const [alice] = aliceAnd().users;
  assert(alice !== undefined);
  const users = [{ ...alice, denied: ["sts:AssumeRole"] }];
  await stage({ ...withRole(OPEN), users }, async ({ assumeRole }) => {
    assertRefused(await assumeRole(), 403, "AccessDenied", DENIED);
  });
});

Deno.test("a role that requires MFA accepts a code, or a session with MFA", async () => {
  await stage(withRole({ ...OPEN, mfa: true }), async ({ call, assumeRole, code }) => {
    assertRefused(await assumeRole(), 403, "AccessDenied", DENIED);
    const bare = await call("GetSessionToken");
    assertRefused(await assumeRole({}, bare.key()), 403, "AccessDenied", DENIED);
    const session = await call("GetSessionToken", await code());
    assertEquals((await assumeRole({}, session.key())).status, 200);
    assertEquals((await assumeRole(await code(1))).status, 200);
  });
});

Deno.test("a role session does not pass MFA on to the next role", async () => {
  const hop = "arn:aws:iam::123456789012:role/hop";
  const trust = { ...OPEN, mfa: true };
  await stage(aliceAnd({ arn: hop, trust }, { arn: ROLE, trust }), async (stage) => {
    const hopped = await stage.assumeRole({ ...await stage.code(), RoleArn: hop });
    assertEquals((await stage.assumeRole({}, hopped.key())).status, 403);
  });
});

Deno.test("a role that requires recent MFA refuses an old session, and accepts a code", async () => {
  await stage(withRole({ ...OPEN, mfaMaxAge: 600 }), async ({ host, call, assumeRole, code }) => {
    const session = (await call("GetSessionToken", await code())).key();
    host.time += 599_000;
    assertEquals((await assumeRole({}, session)).status, 200);
    host.time += 1_000;
    assertRefused(await assumeRole({}, session), 403, "AccessDenied", DENIED);
    assertEquals((await assumeRole(await code())).status, 200);
  });
});

Deno.test("a role that requires a code with the call refuses a session's MFA", async () => {
  await stage(withRole({ ...OPEN, mfa: "direct" }), async ({ call, assumeRole, code }) => {
    const session = (await call("GetSessionToken", await code())).key();
    assertRefused(await assumeRole({}, session), 403, "AccessDenied", DENIED);
    assertEquals((await assumeRole(await code(1))).status, 200);
  });
});

Deno.test("a role session is limited by the role's maximum, and to an hour with temporary credentials", async () => {
  await stage(withRole(OPEN, 7200), async ({ call, assumeRole }) => {
    assertEquals((await assumeRole({ DurationSeconds: "7200" })).status, 200);
    assertRefused(
      await assumeRole({ DurationSeconds: "7201" }),
      400,
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    const session = (await call("GetSessionToken")).key();
    assertEquals((await assumeRole({ DurationSeconds: "3600" }, session)).status, 200);
    assertRefused(
      await assumeRole({ DurationSeconds: "3601" }, session),
      400,
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by " +
        "role chaining.",
    );
  });
});

Deno.test("a wrong secret, an unknown or inactive key and a wrong token have different errors", async () => {
  await stage(aliceAnd(), async ({ emulator, call }) => {
    const refusal = async (key: Key, code: string, message: string) =>
      assertRefused(await call("GetCallerIdentity", {}, key), 403, code, message);
    const invalid = "InvalidClientTokenId";
    const session = (await call("GetSessionToken")).key();
    await refusal({ ...KEY, secret: "wrong" }, "SignatureDoesNotMatch", WRONG_SIGNATURE);
    await refusal({ ...session, secret: "wrong" }, "SignatureDoesNotMatch", WRONG_SIGNATURE);
    await refusal({ ...KEY, id: "AKIAI44QH8DHBEXAMPLE" }, invalid, WRONG_TOKEN);
    await refusal({ ...session, token: "wrong" }, invalid, WRONG_TOKEN);
    await refusal({ id: session.id, secret: session.secret }, invalid, WRONG_TOKEN);
    await refusal({ ...KEY, token: session.token ?? "" }, invalid, WRONG_TOKEN);
    const [key] = emulator.world.users[0]?.accessKeys ?? [];
    assert(key !== undefined);
    key.active = false;
    await refusal(KEY, invalid, WRONG_TOKEN);
  });
});

Deno.test("unsigned and wrongly signed requests are refused", async () => {
  await stage(aliceAnd(), async ({ emulator }) => {
    const missing = await answerOf(await fetch(`${emulator.url}/?Action=GetCallerIdentity`));
    const message = "Request is missing Authentication Token";
    assertRefused(missing, 403, "MissingAuthenticationToken", message);
    const headers = { authorization: "Bearer abc" };
    const odd = await answerOf(await fetch(emulator.url, { headers }));
    assertEquals([odd.status, odd.text("Code")], [400, "IncompleteSignature"]);
  });
});

Deno.test("a clock more than 15 minutes off is refused with both times, a smaller skew is accepted", async () => {
  await stage(aliceAnd(), async ({ host, emulator, call }) => {
    emulator.clockOffset = 15 * 60_000;
    assertEquals((await call("GetCallerIdentity")).status, 200);
    emulator.clockOffset = -15 * 60_000;
    assertEquals((await call("GetCallerIdentity")).status, 200);
    host.time = Date.UTC(2026, 10, 23, 13);
    emulator.clockOffset = 16 * 60_000;
    assertRefused(
      await call("GetCallerIdentity"),
      403,
      "SignatureDoesNotMatch",
      "Signature expired: 20261123T130000Z is now earlier than 20261123T130100Z " +
        "(20261123T131600Z - 15 min.)",
    );
    emulator.clockOffset = -16 * 60_000;
    assertRefused(
      await call("GetCallerIdentity"),
      403,
      "SignatureDoesNotMatch",
      "Signature not yet current: 20261123T130000Z is still later than 20261123T125900Z " +
        "(20261123T124400Z + 15 min.)",
    );
  });
});

Deno.test("temporary credentials stop working at their expiration", async () => {
  await stage(aliceAnd(), async ({ host, call }) => {
    const session = (await call("GetSessionToken", { DurationSeconds: "900" })).key();
    host.time += 899_000;
    assertEquals((await call("GetCallerIdentity", {}, session)).status, 200);
    host.time += 1_000;
    const message = "The security token included in the request is expired";
    assertRefused(
      await call("GetCallerIdentity", {}, session),
      403,
      "ExpiredToken",
      message,
    );
  });
});

Deno.test("a disabled region is refused, and no other", async () => {
  await stage({ ...aliceAnd(), disabledRegions: ["eu-south-1"] }, async ({ host, emulator }) => {
    const call = (region: string) =>
      send({ url: emulator.url, time: host.time, region }, KEY, { Action: "GetCallerIdentity" });
    assertEquals((await call("eu-west-1")).status, 200);
    assertRefused(
      await call("eu-south-1"),
      403,
      "RegionDisabledException",
      "STS is not activated in this region for account:123456789012. " +
        "Your account administrator can activate STS in this region using the IAM Console.",
    );
  });
});

Deno.test("an unknown action is refused", async () => {
  await stage(aliceAnd(), async ({ call }) => {
    const message = "Could not find operation ListAccessKeys for version 2011-06-15";
    assertRefused(await call("ListAccessKeys"), 400, "InvalidAction", message);
  });
});

Deno.test("faults hit the next calls in order, then calls succeed again", async () => {
  await stage(aliceAnd(), async ({ host, emulator, call }) => {
    emulator.faults.push(
      { answer: "throttled", times: 2 },
      { answer: 503 },
      { answer: { status: 500, headers: { "content-type": "text/html" }, body: "<html>" } },
      { answer: () => new Response(null, { status: 302, headers: { location: "/" } }) },
      { delay: 5_000 },
    );
    const seen = [];
    const before = host.time;
    for (let count = 0; count < 6; count++) {
      const { status, text } = await call("GetCallerIdentity");
      seen.push([status, text("Code")]);
    }
    assertEquals(seen, [
      [400, "Throttling"],
      [400, "Throttling"],
      [503, "ServiceUnavailable"],
      [500, undefined],
      [302, undefined],
      [200, undefined],
    ]);
    assertEquals(host.time - before, 5_000);
  });
});

Deno.test("a fault can hit one action, and after the call has taken effect", async () => {
  await stage(aliceAnd(), async ({ emulator, call, code }) => {
    emulator.faults.push({ answer: "closed", action: "GetSessionToken", late: true });
    assertEquals((await call("GetCallerIdentity")).status, 200);
    const given = await code();
    await assertRejects(() => call("GetSessionToken", given), TypeError);
    assertRefused(await call("GetSessionToken", given), 403, "AccessDenied", WRONG_CODE);
    assertEquals(emulator.calls.map(({ status }) => status), [200, 0, 403]);
  });
});

Deno.test("startEmulator issues the same credentials for the same random source", async () => {
  const ids: string[] = [];
  for (const seed of [1, 1, 2]) {
    let next = seed;
    const random = (bytes: Uint8Array) =>
      bytes.forEach((_, at) => bytes[at] = next = next * 5 % 251);
    await stage(aliceAnd(), async ({ call }) => {
      ids.push(JSON.stringify((await call("GetSessionToken")).key()));
    }, { random });
  }
  assertEquals(ids[0], ids[1]);
  assertNotEquals(ids[0], ids[2]);
});
