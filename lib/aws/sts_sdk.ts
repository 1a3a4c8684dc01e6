/**
 * The parts of the SDK that STS calls need, so that the bundle can drop the rest: the model of the
 * operations, the serializer and parser of their protocol, and the signer. The SDK's client would
 * only combine them, and also read files, the environment and the clock: a call took a quarter
 * longer.
 *
 * A release builds this file alone for the browser, without `node:` modules (see
 * scripts/bundle.ts). Import it only with `await import("./sts_sdk.ts")`, when a call is sent.
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
