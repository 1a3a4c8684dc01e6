/** The parts of the emulator other than STS: a user's keys in IAM, and the console's sign-in token. */

import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import {
  ALICE,
  aliceAnd,
  type Answer,
  assertRefused,
  KEY,
  type Key,
} from "../support/emulator_stage.ts";
import { OPEN, send, SERIAL, type Stage, stage, withRole } from "../support/emulator_stage.ts";

/** Calls IAM. */
function iam({ emulator, host }: Stage, key = KEY) {
  return (Action: string, parameters: Record<string, string> = {}): Promise<Answer> =>
    send({ url: emulator.url, time: host.time, service: "iam" }, key, {
      Action,
      Version: "2010-05-08",
      ...parameters,
    });
}

/** Asks the federation endpoint for a sign-in token. */
function signIn({ emulator }: Stage, key: Key, more: Record<string, string> = {}) {
  const Session = JSON.stringify({
    sessionId: key.id,
    sessionKey: key.secret,
    sessionToken: key.token,
  });
  const query = new URLSearchParams({ Action: "getSigninToken", Session, ...more });
  return fetch(`${emulator.url}/federation?${query}`);
}

Deno.test("IAM lists the caller's MFA devices, in IAM's XML namespace", async () => {
  await stage(aliceAnd(), async (stage) => {
    const { body } = await iam(stage)("ListMFADevices");
    assertMatch(body, /^<ListMFADevicesResponse xmlns="https:\/\/iam\.amazonaws\.com\/doc\//);
    assertMatch(body, new RegExp(`<member>.*<SerialNumber>${SERIAL}</SerialNumber>.*</member>`));
  });
});

Deno.test("IAM creates a second key, which works after the consistency delay, and no third", async () => {
  await stage({ ...aliceAnd(), keyDelay: 10_000 }, async (stage) => {
    const created = await iam(stage)("CreateAccessKey");
    const id = created.text("AccessKeyId") ?? "";
    const key = { id, secret: created.text("SecretAccessKey") ?? "" };
    assertMatch(key.id, /^AKIA[A-Z2-7]{16}$/);
    assertEquals(key.secret.length, 40);
    assertEquals((await stage.call("GetCallerIdentity", {}, key)).status, 403);
    stage.host.time += 10_000;
    assertEquals((await stage.call("GetCallerIdentity", {}, key)).text("Arn"), ALICE);
    const third = await iam(stage)("CreateAccessKey");
    assertRefused(third, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
  });
});

Deno.test("IAM deactivates, activates and deletes a key, and reports its last use", async () => {
  await stage(aliceAnd(), async (stage) => {
    const created = await iam(stage)("CreateAccessKey");
    const id = created.text("AccessKeyId") ?? "";
    const key = { id, secret: created.text("SecretAccessKey") ?? "" };
    const used = () => iam(stage)("GetAccessKeyLastUsed", { AccessKeyId: id });
    assertEquals((await used()).text("ServiceName"), "N/A");
    const works = async () => (await stage.call("GetCallerIdentity", {}, key)).status === 200;
    assert(await works());
    assertEquals((await used()).text("LastUsedDate"), "2026-11-23T13:00:00Z");

    await iam(stage)("UpdateAccessKey", { AccessKeyId: id, Status: "Inactive" });
    assert(!await works());
    assertMatch((await iam(stage)("ListAccessKeys")).body, /<Status>Inactive</);
    await iam(stage)("UpdateAccessKey", { AccessKeyId: id, Status: "Active" });
    assert(await works());
    assertEquals((await iam(stage)("DeleteAccessKey", { AccessKeyId: id })).status, 200);
    assert(!await works());
    const message = `The Access Key with id ${id} cannot be found.`;
    const again = await iam(stage)("DeleteAccessKey", { AccessKeyId: id });
    assertRefused(again, 404, "NoSuchEntity", message);
  });
});

Deno.test("IAM refuses a user's session without MFA, and accepts one with MFA", async () => {
  await stage(aliceAnd(), async (stage) => {
    const bare = (await stage.call("GetSessionToken")).key();
    const message = "The security token included in the request is invalid.";
    const refused = await iam(stage, bare)("ListAccessKeys");
    assertRefused(refused, 403, "InvalidClientTokenId", message);
    const session = (await stage.call("GetSessionToken", await stage.code())).key();
    assertEquals((await iam(stage, session)("ListAccessKeys")).status, 200);
  });
});

Deno.test("IAM requires a role session to name the user", async () => {
  await stage(withRole(OPEN), async (stage) => {
    const role = (await stage.assumeRole({})).key();
    const refused = await iam(stage, role)("ListAccessKeys");
    const message = "Must specify userName when calling with non-User credentials";
    assertRefused(refused, 400, "ValidationError", message);
    const named = await iam(stage, role)("ListAccessKeys", { UserName: "alice" });
    // The role is of another account.
    assertRefused(named, 404, "NoSuchEntity", "The user with name alice cannot be found.");
  });
});

Deno.test("a user's policies can deny an IAM action always or without MFA", async () => {
  const [alice] = aliceAnd().users;
  assert(alice !== undefined);
  const world = {
    users: [{
      ...alice,
      denied: ["iam:ListMFADevices"],
      deniedWithoutMfa: ["iam:CreateAccessKey"],
    }],
    roles: [],
  };
  await stage(world, async (stage) => {
    const message = (action: string) =>
      `User: ${ALICE} is not authorized to perform: ${action} on resource: user alice ` +
      `because no identity-based policy allows the ${action} action`;
    const listed = await iam(stage)("ListMFADevices");
    assertRefused(listed, 403, "AccessDenied", message("iam:ListMFADevices"));
    const created = await iam(stage)("CreateAccessKey");
    assertRefused(created, 403, "AccessDenied", message("iam:CreateAccessKey"));
    const session = (await stage.call("GetSessionToken", await stage.code())).key();
    assertEquals((await iam(stage, session)("CreateAccessKey")).status, 200);
  });
});

Deno.test("the federation endpoint signs in a role session for the requested duration", async () => {
  await stage(withRole(OPEN), async (stage) => {
    const role = (await stage.assumeRole({})).key();
    const answer = await signIn(stage, role, { SessionDuration: "43200" });
    assertEquals(answer.status, 200);
    assertMatch((await answer.json()).SigninToken, /^[\w-]{512}$/);
    const tooLong = await signIn(stage, role, { SessionDuration: "43201" });
    assertEquals(tooLong.status, 400);
    await tooLong.body?.cancel();
  });
});

Deno.test("the federation endpoint refuses a user's session, a wrong token and an expired one", async () => {
  await stage(withRole(OPEN), async (stage) => {
    const role = (await stage.assumeRole({})).key();
    const user = (await stage.call("GetSessionToken")).key();
    const refused = async (key: Key) => {
      const answer = await signIn(stage, key);
      assertEquals(answer.status, 400);
      assertMatch(await answer.text(), /Invalid credentials parameter/);
    };
    await refused(user);
    await refused({ ...role, token: "wrong" });
    stage.host.time += 3_600_000;
    await refused(role);
  });
});

Deno.test("the federation endpoint refuses SessionDuration for a chained role", async () => {
  await stage(withRole(OPEN), async (stage) => {
    const user = (await stage.call("GetSessionToken")).key();
    const role = (await stage.assumeRole({}, user)).key();
    const long = await signIn(stage, role, { SessionDuration: "3600" });
    const plain = await signIn(stage, role);
    assertEquals([long.status, plain.status], [400, 200]);
    await Promise.all([long.body?.cancel(), plain.body?.cancel()]);
  });
});
