/**
 * Checks the long-lived keys: whether AWS accepts them, and how old they are.
 *
 * @module
 */

import { placeOf } from "../../config/profile.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import type { Credentials } from "../../plan/credentials.ts";
import { iamEndpoint, stsEndpoint } from "../../plan/endpoint.ts";
import type { StsHost, StsTarget } from "../../aws/query.ts";
import { asEacError, type EacError } from "../../errors.ts";
import { inParallel } from "../../async/parallel.ts";
import type { PlannedProfile } from "../../session/plan_profile.ts";
import { type Finding, findingOf } from "./finding.ts";
import { PATIENCE } from "./network.ts";

const DAY = 86_400_000;

/** AWS's recommendation, and the default of its rule `access-keys-rotated`. */
const OLD = 90;

interface Key {
  readonly planned: PlannedProfile;
  readonly credentials: Credentials;
}

/** Gets the age of each long-lived key of the profiles from IAM. */
export async function checkKeys(
  host: StsHost,
  config: SharedConfig,
  planned: readonly PlannedProfile[],
  reached: ReadonlySet<string>,
): Promise<Finding[]> {
  const keys = [...longLived(planned).values()].filter((key) =>
    reached.has(stsEndpoint(key.planned.where).url)
  );
  if (keys.length === 0) return [];
  const { createIam } = await import("../../aws/iam.ts");
  // No retries and a short timeout, for users without a network.
  const quick: StsHost = {
    ...host,
    env: { ...host.env, AWS_MAX_ATTEMPTS: "1" },
    http: (request) => host.http({ ...request, timeout: PATIENCE }),
  };
  const silent = new Map<string, EacError>();
  const listKeys = async (target: StsTarget, credentials: Credentials) => {
    const known = silent.get(target.url);
    if (known !== undefined) throw known;
    try {
      return await createIam(quick, target).listAccessKeys(credentials);
    } catch (thrown) {
      const error = asEacError(thrown);
      if (error.code === "network" || error.code === "timeout") silent.set(target.url, error);
      throw error;
    }
  };
  const findings: Finding[] = [];
  const check = async ({ planned, credentials }: Key) => {
    const { profile } = planned.plan;
    const where = { profile: profile.name, ...placeOf(profile, "aws_access_key_id") };
    try {
      const target: StsTarget = iamEndpoint({ profile, services: config.services, env: host.env });
      const listed = await listKeys(target, credentials);
      const key = listed.find(({ id }) => id === credentials.accessKeyId);
      if (!key?.created) return;
      const days = Math.floor((host.now() - key.created) / DAY);
      if (days <= OLD) return;
      findings.push({
        level: "warning",
        code: "key_old",
        message: `the access key ${credentials.accessKeyId} is ${days} days old`,
        ...where,
        fix: `eac rotate ${profile.name} replaces it`,
      });
    } catch (thrown) {
      findings.push({ ...ofFailure(asEacError(thrown), credentials.accessKeyId), ...where });
    }
  };
  // If IAM cannot be reached, only one key waits for it.
  const [first, ...others] = keys;
  await check(first!);
  await inParallel(8, others, check);
  return findings;
}

/** Each key once, by its ID, with the profile that has it. */
function longLived(planned: readonly PlannedProfile[]): Map<string, Key> {
  const keys = new Map<string, Key>();
  for (const one of planned) {
    const { base, profile } = one.plan;
    if (base.kind !== "static" || base.profile !== profile.name) continue;
    const { credentials } = base;
    if (credentials.sessionToken === undefined) {
      keys.set(credentials.accessKeyId, { planned: one, credentials });
    }
  }
  return keys;
}

/** A key that AWS rejects is an error; a key whose age IAM does not show is not. */
function ofFailure(error: EacError, id: string): Finding {
  if (error.code === "invalid_credentials") return findingOf(error);
  const { fix: _, ...note } = findingOf(error, "note");
  return {
    ...note,
    code: "key_age",
    message: `the age of access key ${id} is unknown: ${error.message}`,
  };
}
