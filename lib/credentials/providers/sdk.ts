/**
 * The AWS SDK's providers that eac uses, by name, so that a bundler can leave the others out.
 * Only ever imported by `await import(...)`.
 *
 * @module
 */

export { fromHttp, fromInstanceMetadata, fromSSO } from "@aws-sdk/credential-providers";
