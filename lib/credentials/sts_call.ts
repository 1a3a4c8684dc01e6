/**
 * Calls STS, and shows progress meanwhile.
 *
 * @module
 */

import type { StsResult } from "../aws/sts.ts";
import type { Credentials } from "../plan/credentials.ts";
import type { FederatedCall } from "../plan/services.ts";
import type { AssumeRoleStep, GetSessionTokenStep } from "../plan/step.ts";
import type { ExecutorContext } from "./executor_context.ts";

/** Makes the STS call of a step. */
export async function callSts(
  step: AssumeRoleStep | GetSessionTokenStep,
  credentials: Credentials,
  code: string | undefined,
  context: ExecutorContext,
): Promise<StsResult> {
  const what = step.call === "AssumeRole" ? `assuming ${step.roleArn}` : "getting a session";
  return await context.busy(what, async () => {
    if (step.call === "GetSessionToken") {
      const result = await context.sts.getSessionToken(credentials, step, code);
      const { accountId } = credentials; // a session belongs to the same user
      return accountId === undefined
        ? result
        : { ...result, credentials: { ...result.credentials, accountId } };
    }
    const sessionName = step.sessionName ?? newSessionName(context);
    return context.sts.assumeRole(
      credentials,
      { ...step, sessionName },
      code,
      context.circumstances,
    );
  });
}

/** A call with the proof of an identity provider: no credentials sign it. */
export async function federate(
  wanted: FederatedCall,
  context: ExecutorContext,
): Promise<StsResult> {
  const circumstances = { byStrategy: true };
  return await context.busy(`assuming ${wanted.roleArn}`, () => {
    if (wanted.call === "AssumeRoleWithSAML") {
      return context.sts.assumeRoleWithSaml(wanted, circumstances);
    }
    const sessionName = wanted.sessionName ?? newSessionName(context);
    return context.sts.assumeRoleWithWebIdentity({ ...wanted, sessionName }, circumstances);
  });
}

function newSessionName({ host }: ExecutorContext): string {
  return `eac-${Math.floor(host.now() / 1000)}`;
}
