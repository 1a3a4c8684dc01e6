/** withoutSecrets: a secret is masked wherever a server repeats it. */

import { assert, assertEquals } from "../support/assert.ts";
import { withoutSecrets } from "../../lib/text/secrets.ts";

const KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN = "IQoJb3JpZ2luX2Vj+/EXAMPLE&TOKEN==";

Deno.test("a long secret is masked whatever surrounds it", () => {
  for (
    const [before, after] of [["", ""], ["x", "y"], ["_", "9"], ["'", "'"], ["token=", "&b=c"]]
  ) {
    for (const secret of [KEY, TOKEN]) {
      const shown = withoutSecrets(`${before}${secret}${after} and ${secret}`, [KEY, TOKEN]);
      assertEquals(shown, `${before}***${after} and ***`);
    }
  }
});

Deno.test("a secret is also masked in URL and XML encoding", () => {
  const url = encodeURIComponent(TOKEN);
  const lower = url.replace(/%../g, (code) => code.toLowerCase());
  for (const form of [url, lower, TOKEN.replace("&", "&amp;")]) {
    assertEquals(withoutSecrets(`a${form}b`, [TOKEN]), "a***b");
  }
});

Deno.test("masking a secret within another one masks all of it", () => {
  assertEquals(withoutSecrets(`${KEY}more`, [KEY, `${KEY}more`]), "***");
});

Deno.test("an MFA code is masked next to letters, but not within a longer number", () => {
  const code = (text: string) => withoutSecrets(text, ["123456"]);
  assertEquals(code("code123456 TokenCode_123456x"), "code*** TokenCode_***x");
  assertEquals(code("account 123456789012"), "account 123456789012");
  assertEquals(code("123456"), "***");
});

Deno.test("a short secret that could be a word is masked only where it stands alone", () => {
  assertEquals(withoutSecrets("s is set", ["s"]), "*** is set");
  assertEquals(withoutSecrets("text", [""]), "text");
  assert(!withoutSecrets("a+b.c a+b.c", ["a+b.c"]).includes("a+b"));
});
