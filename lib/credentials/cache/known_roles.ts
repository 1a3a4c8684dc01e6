/**
 * Remembers what AWS's responses revealed about roles, so that the next run makes the right call
 * first: roles that refuse a shared MFA session, and roles without `mfa_serial` that require MFA.
 *
 * @module
 */

import { eacHome, join } from "../../config/locations.ts";
import type { WriteHost } from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";

/**
 * - `direct`: the code must be sent with AssumeRole itself
 * - `source-device`: the role needs the MFA device of its source
 */
type RoleKind = "direct" | "source-device";

/** The roles of each kind. */
export interface KnownRoles {
  readonly directRoles: Pick<ReadonlySet<string>, "has">;
  readonly sourceDeviceRoles: Pick<ReadonlySet<string>, "has">;
}

function fileOf(host: Pick<Host, "env" | "os">, kind: RoleKind): string {
  return join(host.os, eacHome(host.env, host.os), "mfa", `${kind}-roles.json`);
}

/** The remembered roles; each file is read at the first lookup. */
export function knownRoles(host: Pick<Host, "env" | "os" | "readFile">): KnownRoles {
  const lazily = (kind: RoleKind) => {
    let known: ReadonlySet<string> | undefined;
    return {
      has(roleArn: string) {
        known ??= readRoles(host, kind);
        return known.size > 0 && known.has(roleArn); // a list asks for thousands of roles
      },
    };
  };
  return { directRoles: lazily("direct"), sourceDeviceRoles: lazily("source-device") };
}

/** Their ARNs. An unreadable file counts as empty; learning a role again takes one call. */
function readRoles(
  host: Pick<Host, "env" | "os" | "readFile">,
  kind: RoleKind,
): ReadonlySet<string> {
  try {
    const bytes = host.readFile(fileOf(host, kind));
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
export async function rememberRole(
  host: WriteHost & Pick<Host, "env" | "readFile" | "makeFolder">,
  kind: RoleKind,
  roleArn: string,
): Promise<void> {
  const { writeAtomically } = await import("../../config/own_files.ts");
  const arns = [...new Set([...readRoles(host, kind), roleArn])].sort();
  host.makeFolder(join(host.os, eacHome(host.env, host.os), "mfa"), 0o700);
  const bytes = new TextEncoder().encode(`${JSON.stringify(arns, null, 1)}\n`);
  writeAtomically(host, fileOf(host, kind), bytes);
}
