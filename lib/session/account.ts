/**
 * The check of the credentials' account against the profile's `aws_account_id`.
 *
 * @module
 */

import { createSts } from "../aws/sts.ts";
import type { Context } from "../context.ts";
import { readCache } from "../credentials/cache/cache.ts";
import { writeCache } from "../credentials/cache/cache_write.ts";
import { accountOf, checkAccount } from "../plan/account.ts";
import type { Credentials } from "../plan/credentials.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import type { PlannedProfile } from "./plan_profile.ts";

/**
 * Asks AWS for the account (GetCallerIdentity) if neither the plan nor the credentials include it, and
 * records it in the cache.
 *
 * @throws {EacError} `wrong_account`, and what the call throws
 */
export async function verifyAccount(
  context: Context,
  planned: PlannedProfile,
  credentials: Credentials,
): Promise<void> {
  const { plan, where } = planned;
  const { host, log } = context;
  if (accountOf(plan) !== undefined) return; // checked when it was planned
  const known = credentials.accountId;
  const account = known ??
    (await createSts(host, stsEndpoint(where), { log: (text) => log.detail(text) })
      .getCallerIdentity(credentials)).Account;
  checkAccount(plan.profile, account);
  if (known === undefined && context.options.cache) note(context, planned, credentials, account);
}

function note(
  { host }: Context,
  { keys }: PlannedProfile,
  { accessKeyId }: Credentials,
  accountId: string,
): void {
  const key = keys.at(-1);
  const entry = key === undefined ? undefined : readCache(host, key);
  if (key === undefined || entry?.credentials.accessKeyId !== accessKeyId) return;
  try {
    writeCache(host, key, { ...entry, credentials: { ...entry.credentials, accountId } });
  } catch {
    // The next run asks again.
  }
}
