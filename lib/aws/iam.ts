/**
 * The few calls of IAM that eac makes, on a user's own access keys and MFA devices.
 *
 * They go out as those of STS do, signed by the SDK's signer: its model of IAM would bring three
 * megabytes for five calls of the same plain protocol.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import { type Credentials, parseTimestamp, Secret } from "../plan/credentials.ts";
import type { IamCall } from "./refusal.ts";
import { type StsHost, type StsOptions, stsSender, type StsTarget } from "./query.ts";

/** A key as IAM lists it. */
export interface AccessKeyInfo {
  readonly id: string;
  readonly active: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A key as IAM gives it, once. */
export interface NewAccessKey {
  readonly id: string;
  readonly secret: Secret;
}

/** The calls, for the user who signs. Each throws {@linkcode EacError}, as those of STS do. */
export interface Iam {
  listMfaDevices(credentials: Credentials): Promise<readonly string[]>;
  listAccessKeys(credentials: Credentials): Promise<readonly AccessKeyInfo[]>;
  createAccessKey(credentials: Credentials): Promise<NewAccessKey>;
  deactivateAccessKey(credentials: Credentials, id: string): Promise<void>;
  deleteAccessKey(credentials: Credentials, id: string): Promise<void>;
}

/** IAM at one endpoint. */
export function createIam(host: StsHost, target: StsTarget, options: StsOptions = {}): Iam {
  const send = stsSender(host, target, options);

  /** Sends one call, and gives its answer as text. */
  const call = (
    credentials: Credentials,
    Action: IamCall,
    parameters: Record<string, string> = {},
  ): Promise<string> => {
    // A second key, made because the answer to the first was lost, would have to be found again.
    const once = Action === "CreateAccessKey";
    return send({ attempt: { call: Action }, credentials, once }, {
      service: "iam",
      form: () => new URLSearchParams({ Action, Version: "2010-05-08", ...parameters }).toString(),
      output(_sdk, body) {
        const text = new TextDecoder().decode(body);
        if (text.includes(`<${Action}Response`)) return text;
        throw new Error("no answer of IAM");
      },
    });
  };

  return {
    async listMfaDevices(credentials) {
      return all(await call(credentials, "ListMFADevices"), "SerialNumber");
    },
    async listAccessKeys(credentials) {
      const text = await call(credentials, "ListAccessKeys");
      return all(text, "member").map((member) => ({
        id: one(member, "AccessKeyId"),
        active: one(member, "Status") === "Active",
        created: parseTimestamp(one(member, "CreateDate")) ?? 0,
      }));
    },
    async createAccessKey(credentials) {
      const text = await call(credentials, "CreateAccessKey");
      return { id: one(text, "AccessKeyId"), secret: new Secret(one(text, "SecretAccessKey")) };
    },
    async deactivateAccessKey(credentials, AccessKeyId) {
      await call(credentials, "UpdateAccessKey", { AccessKeyId, Status: "Inactive" });
    },
    async deleteAccessKey(credentials, AccessKeyId) {
      await call(credentials, "DeleteAccessKey", { AccessKeyId });
    },
  };

  function one(xml: string, name: string): string {
    const [text] = all(xml, name);
    if (text !== undefined && text !== "" && !/[\p{Cc}<]/u.test(text)) return text;
    throw new EacError("service", `IAM at ${target.url} answered without ${name}`, {
      hint: "check AWS_ENDPOINT_URL_IAM and endpoint_url",
    });
  }
}

/** The content of every element of that name; none of those that are read nest in themselves. */
function all(xml: string, name: string): string[] {
  const found: string[] = [];
  for (let at = 0;;) {
    const start = xml.indexOf(`<${name}>`, at);
    const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, start);
    if (end < 0) return found;
    found.push(xml.slice(start + name.length + 2, end));
    at = end;
  }
}
