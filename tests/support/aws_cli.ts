/**
 * The AWS CLI of any version, if it is installed.
 *
 * @module
 */

const version = (() => {
  try {
    const { stdout, stderr } = new Deno.Command("aws", { args: ["--version"] }).outputSync();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const [, major, minor, patch] = /^aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
    return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)] as const;
  } catch {
    return undefined;
  }
})();

/** Why the AWS CLI cannot be tried here; `undefined` if it can. */
export const NO_AWS = version === undefined ? "the AWS CLI is not installed" : undefined;

/** Why it cannot assume a role of the emulator by itself: that takes AWS_ENDPOINT_URL_STS. */
export const NO_AWS_ENDPOINT = NO_AWS ??
  (knowsEndpoints(version!) ? undefined : "the AWS CLI is older than 1.29.17 or 2.13");

function knowsEndpoints([major, minor, patch]: readonly [number, number, number]): boolean {
  return major === 1 ? minor > 29 || minor === 29 && patch >= 17 : minor >= 13;
}

/** The arguments with which it asks an STS who it is: the ARN alone. */
export function identityAt(url: string): string[] {
  const what = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"];
  return [...what, "--endpoint-url", url];
}

/** Why it cannot sign in as `aws login` does; `undefined` if it can. */
export const NO_AWS_SIGN_IN = NO_AWS ??
  (signsIn(version!) ? undefined : "the AWS CLI is older than 2.32");

function signsIn([major, minor]: readonly [number, number, number]): boolean {
  return major > 2 || major === 2 && minor >= 32;
}

/** Why botocore cannot be tested here; `undefined` if it can. */
export const NO_BOTOCORE = (() => {
  try {
    const { success } = new Deno.Command("python3", {
      args: ["-c", "import botocore.tokens"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    if (success) return undefined;
  } catch {
    // There is no Python either.
  }
  return "botocore is not installed";
})();
