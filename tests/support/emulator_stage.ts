/**
 * Shared by the emulator's tests: an emulator for each test, and an independent client (Node's
 * crypto) that signs requests as AWS documents it and returns the raw response.
 */

import { createHash, createHmac } from "node:crypto";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { Trust, WorldDescription } from "../../lib/emulator/world.ts";
import { assertEquals } from "./assert.ts";
import { type TestHost, testHost } from "./fakes.ts";

export const ALICE = "arn:aws:iam::123456789012:user/alice";
export const SERIAL = "arn:aws:iam::123456789012:mfa/alice";
export const OTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

export const ROLE = "arn:aws:iam::210987654321:role/team/deploy";

/** Trusts everyone in Alice's account. */
export const OPEN: Trust = { principals: ["123456789012"] };

/** AWS's documented example key. */
export const KEY: Key = {
  id: "AKIAIOSFODNN7EXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** The credentials that sign a request. */
export interface Key {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
}

/** A response, and the parts of its XML that tests compare. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The text of the first element of that name; `undefined` without one. */
  text(element: string): string | undefined;
  /** The credentials in the answer. */
  key(): Key;
}

/** One user with an MFA device, and the roles given. */
export function aliceAnd(...roles: WorldDescription["roles"]): WorldDescription {
  const mfaDevices = [{ serial: SERIAL, secret: OTP_SECRET }];
  return { users: [{ arn: ALICE, accessKeys: [{ ...KEY }], mfaDevices }], roles };
}

/** What a test uses. */
export interface Stage {
  readonly host: TestHost;
  readonly emulator: Emulator;
  call(action: string, parameters?: Record<string, string>, key?: Key): Promise<Answer>;
  assumeRole(parameters?: Record<string, string>, key?: Key): Promise<Answer>;
  /** The parameters of a code, `steps` times 30 seconds away from now. */
  code(steps?: number): Promise<Record<string, string>>;
}

/** Runs a test against a separate emulator. */
export async function stage(
  world: WorldDescription,
  run: (stage: Stage) => Promise<void>,
  options?: EmulatorOptions,
): Promise<void> {
  using host = testHost();
  const emulator = startEmulator(host, world, options);
  const call: Stage["call"] = (Action, parameters, key = KEY) =>
    send({ url: emulator.url, time: host.time }, key, {
      Action,
      Version: "2011-06-15",
      ...parameters,
    });
  const assumeRole: Stage["assumeRole"] = (parameters, key) =>
    call("AssumeRole", { RoleArn: ROLE, RoleSessionName: "test", ...parameters }, key);
  const code: Stage["code"] = async (steps = 0) => ({
    SerialNumber: SERIAL,
    TokenCode: await totp(OTP_SECRET, host.time + steps * 30_000),
  });
  try {
    await run({ host, emulator, call, assumeRole, code });
  } finally {
    await emulator.stop();
  }
}

/** Alice, and one role in another account. */
export function withRole(trust: Trust, maxSessionDuration?: number): WorldDescription {
  const longest = maxSessionDuration === undefined ? {} : { maxSessionDuration };
  return aliceAnd({ arn: ROLE, trust, ...longest });
}

/** Asserts an error response literally. */
export function assertRefused(answer: Answer, status: number, code: string, message: string): void {
  const unescaped = answer.text("Message")?.replaceAll("&amp;", "&");
  assertEquals([answer.status, answer.text("Code"), unescaped], [status, code, message]);
}

/** Sends one signed action to STS or IAM, `time` being the client's clock. */
export async function send(
  { url, time, service = "sts", region = "us-east-1" }: {
    readonly url: string;
    readonly time: number;
    readonly service?: string;
    readonly region?: string;
  },
  key: Key,
  parameters: Readonly<Record<string, string>>,
): Promise<Answer> {
  const date = new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
  const body = new URLSearchParams(parameters).toString();
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    host: new URL(url).host,
    "x-amz-date": date,
    ...(key.token === undefined ? {} : { "x-amz-security-token": key.token }),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = `POST\n/\n\n${lines}\n${names.join(";")}\n${sha256(body)}`;
  const scope = [date.slice(0, 8), region, service, "aws4_request"];
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope.join("/")}\n${sha256(canonical)}`;
  const start = new TextEncoder().encode(`AWS4${key.secret}`);
  const signing = scope.reduce((key, part) => hmac(key, part), start);
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/${scope.join("/")}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${hex(hmac(signing, toSign))}`;
  return answerOf(await fetch(url, { method: "POST", headers, body, redirect: "manual" }));
}

/** A response, read whole. */
export async function answerOf(response: Response): Promise<Answer> {
  const body = await response.text();
  const text = (element: string) => new RegExp(`<${element}>([^<]*)<`).exec(body)?.[1];
  const need = (element: string) => {
    const found = text(element);
    if (found === undefined) throw new Error(`no ${element} in ${body}`);
    return found;
  };
  return {
    status: response.status,
    headers: response.headers,
    body,
    text,
    key: () => ({
      id: need("AccessKeyId"),
      secret: need("SecretAccessKey"),
      token: need("SessionToken"),
    }),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac("sha256", key).update(text).digest());
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
