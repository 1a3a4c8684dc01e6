/**
 * Shared files: whatever is in them, no command crashes.
 *
 * @module
 */

import fc from "fast-check";
import { type Property, tryRun } from "./property.ts";
import { bytesOf, damaged, oddText } from "./texts.ts";

const NAMES = ["default", "a", "b", "alice", "x y", "é"] as const;

const KEYS = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "role_arn",
  "source_profile",
  "credential_source",
  "credential_process",
  "mfa_serial",
  "mfa_process",
  "mfa_session",
  "mfa_session_duration",
  "external_id",
  "role_session_name",
  "duration_seconds",
  "session_duration",
  "region",
  "endpoint_url",
  "services",
  "sts_regional_endpoints",
  "use_fips_endpoint",
  "use_dualstack_endpoint",
  "ca_bundle",
  "web_identity_token_file",
  "sso_session",
  "sso_start_url",
  "sso_region",
  "sso_account_id",
  "sso_role_name",
  "destination_profile",
  "session_tags",
  "transitive_session_tags",
  "source_identity",
  "session_policy",
  "session_policy_arns",
  "cli_cache",
  "eac_strategy",
  "managed_by",
  "eac_source",
  "expiration",
] as const;

const VALUES = [
  "AKIAIOSFODNN7EXAMPLE",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "arn:aws:iam::123456789012:role/Open",
  "arn:aws:iam::123456789012:mfa/alice",
  "arn:aws:iam::123456789012:u2f/user/x",
  "alice",
  "a",
  "b",
  "Environment",
  "Ec2InstanceMetadata",
  "true",
  "off",
  "3600",
  "86400",
  "eac",
  "us-east-1",
  "https://sts.example.com",
  "file:///etc/passwd",
  "file://~/x",
  "k=v,k=v",
  "assume-role",
  "2026-11-23T14:00:00Z",
  "s",
] as const;

const headers = fc.oneof(
  fc.constantFrom(...NAMES).map((name) => `[${name}]`),
  fc.constantFrom(...NAMES).map((name) => `[profile ${name}]`),
  fc.constantFrom('[profile "x y"]', "[sso-session s]", "[services s]", "[DEFAULT]", "[profile]"),
);
const lines = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(
      fc.constantFrom(...KEYS),
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...VALUES) }, {
        weight: 1,
        arbitrary: oddText,
      }),
    ).map(([key, value]) => `${key} = ${value}`),
  },
  { weight: 3, arbitrary: headers },
  { weight: 1, arbitrary: fc.constantFrom("", "# note", "  x = y", "s3 =", "sts =", " # in") },
);
const files = fc.tuple(headers, fc.array(lines, { maxLength: 25 }))
  .map(([first, rest]) => `${[first, ...rest].join("\n")}\n`);
const anyFile = fc.oneof({ weight: 4, arbitrary: files }, { weight: 1, arbitrary: damaged(files) });

const COMMANDS = [
  (name: string) => ["explain", name, "--json"],
  (name: string) => ["get", name, "--print", "--mfa-token", "123456"],
  (name: string) => ["get", name, "-o", "other", "--json"],
  (name: string) => ["whoami", name],
  (name: string) => ["link", name, "linked"],
  (name: string) => ["clear", name],
  (name: string) => ["rotate", name],
  () => ["list", "--json", "--settings"],
  () => ["list"],
  () => ["doctor", "--json"],
  () => ["get", "--all"],
] as const;

/** For files of any content. */
export const configProperties: readonly Property[] = [
  {
    name: "config: every command ends well, whatever stands in the shared files",
    runs: 150,
    property: fc.asyncProperty(
      anyFile,
      anyFile,
      fc.constantFrom(...COMMANDS),
      fc.constantFrom(...NAMES),
      async (config, credentials, command, name) => {
        await tryRun(command(name), {
          home: { ".aws/config": config, ".aws/credentials": credentials },
        });
      },
    ),
  },
  {
    name: "config: bytes that are no text are an error with a line",
    runs: 50,
    property: fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      await tryRun(["list", "--json"], { home: { ".aws/config": bytes } });
    }),
  },
  {
    name: "config: a megabyte takes a second at most",
    runs: 8,
    property: fc.asyncProperty(
      fc.array(fc.oneof(lines, oddText), { minLength: 1, maxLength: 4 }),
      async (unit) => {
        const piece = `${unit.join("\n")}\n`;
        const text = `[profile a]\nregion = x\n${
          piece.repeat(Math.ceil(1_000_000 / bytesOf(piece).length))
        }`;
        await tryRun(["list", "--json"], { home: { ".aws/config": text } });
      },
    ),
  },
];
