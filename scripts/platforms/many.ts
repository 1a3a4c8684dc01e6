/**
 * `many.ts PROGRAM URL CODE`: sixteen processes of eac at once want credentials of one role, behind a role
 * with MFA. Together they make one session and assume each role once; the STS at URL counts. It runs in a
 * process of its own: under wine, a Deno with many children is a slow server.
 *
 * @module
 */

import { realHost } from "../../lib/host/real.ts";
import { join } from "../../lib/config/locations.ts";
import { CONFIG, CREDENTIALS } from "../smoke/home.ts";

const [program, url, code] = Deno.args as [string, string, string];
const { os } = realHost();
const home = Deno.makeTempDirSync({ prefix: "eac-many-" });
Deno.mkdirSync(join(os, home, ".aws"));
Deno.writeTextFileSync(join(os, home, ".aws", "config"), CONFIG);
Deno.writeTextFileSync(join(os, home, ".aws", "credentials"), CREDENTIALS);
const env = {
  ...Deno.env.toObject(),
  HOME: home,
  USERPROFILE: home,
  AWS_ENDPOINT_URL_STS: url,
  EAC_MFA_TOKEN: code,
  NO_COLOR: "1",
};
const all = await Promise.all(Array.from({ length: 16 }, () =>
  new Deno.Command(program, {
    args: ["process", "audit"],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output()));
Deno.removeSync(home, { recursive: true });
const failed = all.filter(({ success }) => !success);
const decoder = new TextDecoder();
const ids = new Set(
  all.filter(({ success }) => success)
    .map(({ stdout }) => JSON.parse(decoder.decode(stdout)).AccessKeyId),
);
if (failed.length > 0) console.log(decoder.decode(failed[0]!.stderr).trim());
console.log(`many: ${failed.length} failed, ${ids.size} different credentials`);
Deno.exit(failed.length === 0 && ids.size === 1 ? 0 : 1);
