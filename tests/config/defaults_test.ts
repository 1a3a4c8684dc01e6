/** `[eac]`: defaults for eac's own keys, which other tools ignore. */

import { profileNamed } from "../../lib/config/chain.ts";
import { destinationOf } from "../../lib/config/profile.ts";
import { parseSharedConfig } from "../../lib/config/shared_config.ts";
import { codeOrigin, promptMode } from "../../lib/plan/code_origin.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { testUnless } from "../support/ignored.ts";

function configOf(text: string) {
  const files = { config: "config", credentials: "credentials" };
  return parseSharedConfig({ files, config: new TextEncoder().encode(text) });
}

Deno.test("[eac] is not a profile, and not reported as ignored", () => {
  const config = configOf(
    "[eac]\nmfa_prompt = none\n[profile a]\nregion = x\n[eac]\ncli_cache = off\n",
  );
  assertEquals([...config.profiles.keys()], ["a"]);
  assertEquals(config.ignored, []);
  assertEquals([...config.defaults!].map(({ key, place }) => `${key}:${place.line}`), [
    "mfa_prompt:2",
    "cli_cache:6",
  ]);
  assertEquals([...configOf("[profile eac]\nmfa_prompt = none\n").profiles.keys()], ["eac"]);
});

Deno.test("destinationOf applies the pattern of [eac] to profiles that get credentials", () => {
  const config = configOf(`[eac]
destination_profile = {profile}-temp
[profile role]
role_arn = r
[profile team/role]
role_arn = r
[profile own]
role_arn = r
destination_profile = x
[profile none]
role_arn = r
destination_profile =
[profile user]
aws_access_key_id = a
[profile mfa]
aws_access_key_id = a
mfa_serial = s
[profile role-temp]
aws_access_key_id = a
aws_session_token = t
[profile sso]
sso_session = s
`);
  const found = [...config.profiles.keys()].map((name) => [
    name,
    destinationOf(profileNamed(config, name)),
  ]);
  assertEquals(Object.fromEntries(found), {
    role: "role-temp",
    "team/role": "team-role-temp",
    own: "x",
    none: undefined,
    user: undefined,
    mfa: "mfa-temp",
    "role-temp": undefined,
    sso: "sso-temp",
  });
});

Deno.test("mfa_process comes from the profile, the device's profile, the variable, then [eac]", () => {
  const config = configOf(`[eac]
mfa_process = default
mfa_prompt = dialog
[profile alice]
mfa_serial = s
mfa_process = owner
[profile bob]
mfa_serial = t
[profile a]
role_arn = r
source_profile = alice
mfa_serial = s
[profile b]
role_arn = r
source_profile = bob
mfa_serial = t
[profile c]
role_arn = r
source_profile = bob
mfa_serial = t
mfa_process = own
mfa_prompt = terminal
`);
  const of = (name: string) => profileNamed(config, name);
  const env = { EAC_MFA_PROCESS: "variable", EAC_MFA_PROMPT: "none" };
  assertEquals(codeOrigin(of("a"), env, undefined).value, "owner");
  assertEquals(codeOrigin(of("b"), env, undefined).value, "variable");
  assertEquals(codeOrigin(of("b"), {}, undefined).value, "default");
  assertEquals(codeOrigin(of("c"), env, undefined).value, "own");
  assertEquals(promptMode(of("b"), env, undefined), "none");
  assertEquals(promptMode(of("b"), {}, undefined), "dialog");
  assertEquals(promptMode(of("c"), env, undefined), "terminal");
});

const CONFIG = `[eac]
mfa_process = true
mfa_session_duration = 3600
destination_profile = {profile}-temp

[profile p]
region = eu-west-1
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

const BOTO3 = "import boto3; s = boto3.Session(profile_name='p'); " +
  "print(s.available_profiles, s.get_credentials().access_key, s.region_name)";

/** Other tools, as a command line and what they print with CONFIG. */
const TOOLS: readonly (readonly [command: string, args: readonly string[], prints: RegExp])[] = [
  ["aws", ["configure", "list", "--profile", "p"], /MPLE[\s\S]*eu-west-1/],
  ["/usr/bin/aws", ["configure", "list-profiles"], /^p\s*$/],
  ["/usr/bin/aws", ["configure", "list", "--profile", "p"], /MPLE[\s\S]*eu-west-1/],
  ["python3", ["-c", BOTO3], /^\['p'\] AKIAIOSFODNN7EXAMPLE eu-west-1\s*$/],
];

for (const [command, args, prints] of TOOLS) {
  testUnless(
    works(command, command.startsWith("python") ? ["-c", "import boto3"] : ["--version"])
      ? undefined
      : `no ${command}${command === "python3" ? " with boto3" : ""}`,
    `${command} ${args.slice(0, 2).join(" ")} ignores [eac]`,
    () => {
      using host = testHost({ home: { ".aws/config": CONFIG } });
      const env = {
        AWS_CONFIG_FILE: host.path(".aws/config"),
        AWS_SHARED_CREDENTIALS_FILE: "/none",
      };
      const { success, stdout, stderr } = new Deno.Command(command, { args: [...args], env })
        .outputSync();
      const text = new TextDecoder().decode(stdout);
      assertEquals(
        [success, prints.test(text)],
        [true, true],
        text + new TextDecoder().decode(stderr),
      );
    },
  );
}

function works(command: string, args: string[]): boolean {
  try {
    return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
