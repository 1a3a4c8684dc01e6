/**
 * The roles that want the code itself: AWS refused them from a shared MFA session, and took them
 * with a code of their own. Remembered, so that the next code goes there at once.
 *
 * @module
 */

import { eacHome, join } from "../../config/locations.ts";
import type { WriteHost } from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";

function fileOf(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "mfa", "direct-roles.json");
}

/** Tells whether a role is one of them; looks when it is asked first. */
export function directRoles(
  host: Pick<Host, "env" | "os" | "readFile">,
): Pick<ReadonlySet<string>, "has"> {
  let known: ReadonlySet<string> | undefined;
  return { has: (roleArn) => (known ??= readDirectRoles(host)).has(roleArn) };
}

/** Their ARNs. A file that cannot be read is no memory, and costs one call to regain. */
function readDirectRoles(
  host: Pick<Host, "env" | "os" | "readFile">,
): ReadonlySet<string> {
  try {
    const bytes = host.readFile(fileOf(host));
    const list: unknown = bytes === undefined ? [] : JSON.parse(new TextDecoder().decode(bytes));
    return new Set(Array.isArray(list) ? list.filter((arn) => typeof arn === "string") : []);
  } catch {
    return new Set();
  }
}

/**
 * Adds a role.
 *
 * @throws {EacError} `io`; the caller only warns
 */
export async function rememberDirectRole(
  host: WriteHost & Pick<Host, "env" | "readFile" | "makeFolder">,
  roleArn: string,
): Promise<void> {
  const { writeAtomically } = await import("../../config/own_files.ts");
  const arns = [...new Set([...readDirectRoles(host), roleArn])].sort();
  host.makeFolder(join(host.os, eacHome(host.env, host.os), "mfa"), 0o700);
  const bytes = new TextEncoder().encode(`${JSON.stringify(arns, null, 1)}\n`);
  writeAtomically(host, fileOf(host), bytes, 0o600);
}
