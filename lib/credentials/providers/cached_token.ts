/**
 * The token of a sign-in that eac shares with the AWS CLI: its lock, and its file once it is renewed.
 *
 * @module
 */

import { join, locksFolder } from "../../config/locations.ts";
import { writeAtomically, type WriteHost } from "../../config/own_files.ts";
import { asEacError } from "../../errors.ts";
import type { Host, Lock } from "../../host/host.ts";
import type { ExchangeHost, ExchangeOptions } from "./exchange.ts";

/** The parts of the Host that a cached token needs. */
export type TokenHost =
  & ExchangeHost
  & WriteHost
  & Pick<Host, "env" | "lock" | "makeFolder" | "readFile">;

/** Milliseconds for one exchange. */
export const TOKEN_TIMEOUT = 10_000;

/** How often an exchange is sent at most. */
export const TOKEN_ATTEMPTS = 3;

/** Tokens with less than this left, in milliseconds, are renewed, as in the AWS SDKs. */
export const RENEWAL_WINDOW = 5 * 60_000;

/** The lock of a token; `undefined` where no lock is possible. */
export async function lockToken(
  host: TokenHost,
  name: string,
  { log, signal }: ExchangeOptions,
): Promise<Lock | undefined> {
  try {
    const folder = locksFolder(host);
    host.makeFolder(folder, 0o700);
    return await host.lock(join(host.os, folder, `${name}.lock`), signal);
  } catch (thrown) {
    log?.(`${asEacError(thrown).message}; continuing without a lock`);
    return undefined;
  }
}

/** Writes a renewed token; a failure is logged, because the token is of use without its file too. */
export function writeToken(
  host: TokenHost,
  path: string,
  file: Readonly<Record<string, unknown>>,
  { log }: ExchangeOptions,
): void {
  try {
    writeAtomically(host, path, new TextEncoder().encode(JSON.stringify(file)));
  } catch (thrown) {
    log?.(`the renewed token could not be cached: ${asEacError(thrown).message}`);
  }
}
