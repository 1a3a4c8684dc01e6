/**
 * What the calls of STS need of the SDK, and nothing else, so that the bundle can leave out the rest:
 * its model of the operations, what writes and reads their protocol, its signer. The SDK's client
 * would only put them together, and look at files, the environment and the clock on the way: a call out
 * took a quarter longer.
 *
 * A release builds this file alone for the browser, without `node:` modules (see scripts/bundle.ts).
 * Only ever `await import("./sts_sdk.ts")`, when a call goes out.
 *
 * @module
 */

export {
  AssumeRole$,
  AssumeRoleWithSAML$,
  AssumeRoleWithWebIdentity$,
  GetCallerIdentity$,
  GetFederationToken$,
  GetSessionToken$,
} from "@aws-sdk/client-sts";
export { QueryShapeSerializer, XmlShapeDeserializer } from "@aws-sdk/core/protocols";
export { Sha256WebCrypto } from "@smithy/core/checksum";
export { SignatureV4 } from "@smithy/signature-v4";
