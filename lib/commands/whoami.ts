/**
 * `eac whoami`: whose credentials they are, as AWS says.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { createSts } from "../aws/sts.ts";
import { obtainOne } from "../session/get_credentials.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, talk } = context;
  const { credentials, where } = await obtainOne(context, names[0], { net: true });
  const sts = createSts(host, stsEndpoint(where), { log: (text) => talk.detail(text) });
  const { UserId, Account, Arn } = await sts.getCallerIdentity(credentials);
  const identity = { UserId, Account, Arn };
  host.stdout.write(
    options.json
      ? `${JSON.stringify(identity, null, 2)}\n`
      : `Account  ${Account}\nArn      ${Arn}\nUserId   ${UserId}\n`,
  );
  return 0;
}
