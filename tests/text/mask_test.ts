/** Settings without the secrets in them. */

import { maskCommand, maskSetting } from "../../lib/text/mask.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("maskSetting masks the values of secret keys and no others", () => {
  for (
    const key of [
      "aws_secret_access_key",
      "AWS_SESSION_TOKEN",
      "aws_security_token",
      "x_principal_password",
      "my_passphrase",
      "totp_seed",
    ]
  ) assertEquals(maskSetting(key, "value"), "***", key);
  for (const key of ["region", "aws_access_key_id", "web_identity_token_file", "external_id"]) {
    assertEquals(maskSetting(key, "value"), "value", key);
  }
  assertEquals(maskSetting("aws_session_token", ""), "");
  assertEquals(maskSetting("mfa_process", "oathtool --totp -b SEED"), "oathtool ***");
});

Deno.test("maskCommand shows only the program, and the whole line only for eac itself", () => {
  const table: [command: string, shown: string][] = [
    ["vault", "vault"],
    ["vault --password SECRET", "vault ***"],
    ['"/opt/my vault/vault" SECRET', '"/opt/my vault/vault" ***'],
    ["'/opt/my vault/vault' SECRET", "'/opt/my vault/vault' ***"],
    ["/opt/my\\ vault/vault SECRET", "/opt/my\\ vault/vault ***"],
    ["TOKEN=SECRET vault", "*** ***"],
    ['"unfinished SECRET', "***"],
    ["eac process prod", "eac process prod"],
    ["/usr/local/bin/eac process prod", "/usr/local/bin/eac process prod"],
    ['"C:\\tools\\eac.exe" process prod', '"C:\\tools\\eac.exe" process prod'],
    ["not-eac process SECRET", "not-eac ***"],
    ["", ""],
  ];
  for (const [command, shown] of table) assertEquals(maskCommand(command), shown, command);
});
