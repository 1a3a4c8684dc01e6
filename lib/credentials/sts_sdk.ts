/**
 * What STS needs of the SDK, and nothing else, so that the bundle can leave out the rest. A release
 * builds this file alone for the browser, without `node:` modules: a call out starts in two thirds of
 * the time (see scripts/bundle.ts). Only ever `await import("./sts_sdk.ts")`, when a call goes out.
 *
 * @module
 */

export {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
