/** Certificates for tests of TLS on loopback, made by openssl. */

import { assert } from "./assert.ts";

/** Why there are no certificates; `undefined` if there are. */
export const NO_OPENSSL: string | undefined = (() => {
  try {
    const { stdout } = new Deno.Command("openssl", { args: ["version"] }).outputSync();
    // LibreSSL's, on macOS, signs with no other certificate in one command.
    if (/^OpenSSL [3-9]/.test(new TextDecoder().decode(stdout))) return undefined;
  } catch {
    // Not installed.
  }
  return "OpenSSL 3 is not installed";
})();

/**
 * Makes `NAME-key.pem` and `NAME-cert.pem` in a folder.
 *
 * @param authority the name of the certificate that signs it; absent: its own key does
 */
export async function makeCertificate(
  folder: string,
  name: string,
  subject: string,
  days: string,
  authority?: string,
): Promise<void> {
  const made = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", days, "-subj", "/CN=test", "-addext", `subjectAltName=${subject}`],
      ...(authority === undefined ? [] : [
        ...["-CA", `${folder}/${authority}-cert.pem`, "-CAkey", `${folder}/${authority}-key.pem`],
        ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ]),
      ...["-keyout", `${folder}/${name}-key.pem`, "-out", `${folder}/${name}-cert.pem`],
    ],
    stderr: "piped",
  }).output();
  assert(made.success, new TextDecoder().decode(made.stderr));
}
