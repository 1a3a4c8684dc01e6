/**
 * The IAM calls that eac makes: on the caller's own access keys and MFA devices.
 *
 * They are sent like the STS calls and signed by the SDK's signer: the SDK's IAM client would add
 * three megabytes for six calls of the same query protocol.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import { type Credentials, parseTimestamp, Secret } from "../plan/credentials.ts";
import type { IamCall } from "./refusal.ts";
import { type StsHost, type StsOptions, stsSender, type StsTarget } from "./query.ts";

/** An access key as IAM lists it. */
export interface AccessKeyInfo {
  readonly id: string;
  readonly active: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A new access key. IAM returns its secret only in this response. */
export interface NewAccessKey {
  readonly id: string;
  readonly secret: Secret;
}

/** IAM calls about the user who signs them. They throw the same {@linkcode EacError}s as STS calls. */
export interface Iam {
  listMfaDevices(credentials: Credentials): Promise<readonly string[]>;
  listAccessKeys(credentials: Credentials): Promise<readonly AccessKeyInfo[]>;
  /** False when IAM has no record of any use; the record may lag behind by hours. */
  wasAccessKeyUsed(credentials: Credentials, id: string): Promise<boolean>;
  createAccessKey(credentials: Credentials): Promise<NewAccessKey>;
  deactivateAccessKey(credentials: Credentials, id: string): Promise<void>;
  deleteAccessKey(credentials: Credentials, id: string): Promise<void>;
}

/** IAM at one endpoint. */
export function createIam(host: StsHost, target: StsTarget, options: StsOptions = {}): Iam {
  const send = stsSender(host, target, options);

  /** Sends one call and returns the response body as text. */
  const call = (
    credentials: Credentials,
    Action: IamCall,
    parameters: Record<string, string> = {},
  ): Promise<string> => {
    // If the response is lost, sending the call again would create a second key.
    const once = Action === "CreateAccessKey";
    return send({ attempt: { call: Action }, credentials, once }, {
      service: "iam",
      form: () => new URLSearchParams({ Action, Version: "2010-05-08", ...parameters }).toString(),
      output(_sdk, body) {
        const text = new TextDecoder().decode(body);
        if (text.includes(`<${Action}Response`)) return text;
        throw new Error(`the response is not an ${Action}Response`);
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
    async wasAccessKeyUsed(credentials, AccessKeyId) {
      const text = await call(credentials, "GetAccessKeyLastUsed", { AccessKeyId });
      // IAM names the service "N/A" for a key without recorded use, and then has no LastUsedDate.
      return all(text, "LastUsedDate").length > 0 || one(text, "ServiceName") !== "N/A";
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
    throw new EacError("service", `the response of IAM at ${target.url} has no ${name}`, {
      hint: "check AWS_ENDPOINT_URL_IAM and endpoint_url",
    });
  }
}

/** The content of every element with that name. The elements read here never nest in themselves. */
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
