/** `eac doctor`: which endpoints it requests. */

import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { obtainModule, strategyHost } from "../../support/own_strategies.ts";
import { testHost } from "../../support/fakes.ts";

const SESSION = "arn:aws:iam::123456789012:user/alice";

/** The hosts that doctor requests for a profile of `aws login` with this token. */
async function askedWith(token: string | undefined): Promise<string[]> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(SESSION));
  const path = `.aws/login/cache/${new Uint8Array(hash).toHex()}.json`;
  using host = testHost({
    home: {
      ".aws/config": `[profile p]\nlogin_session = ${SESSION}\nregion = us-east-1\n`,
      ...(token === undefined ? {} : { [path]: token }),
    },
  });
  const asked: string[] = [];
  const http = (request: { readonly url: string }) => {
    asked.push(new URL(request.url).host);
    return Promise.resolve({ status: 404, headers: {}, body: new Uint8Array() });
  };
  const exit = await run(["doctor", "p", "--json"], { ...host, http }, strategies);
  assert([0, 3].includes(exit), host.printed.stderr);
  return asked;
}

Deno.test("doctor asks AWS Sign-In in the region where the user signed in", async () => {
  const token = (signInRegion: unknown) => JSON.stringify({ signInRegion });
  assertEquals(await askedWith(token("eu-west-1")), ["eu-west-1.signin.aws.amazon.com"]);
  for (const unknown of [undefined, "{", token(7), token("")]) {
    assertEquals(await askedWith(unknown), ["us-east-1.signin.aws.amazon.com"]);
  }
});

Deno.test("doctor reports an invalid sign-in region, and continues", async () => {
  assertEquals(await askedWith(JSON.stringify({ signInRegion: "evil.example/" })), []);
});

for (const [wants, asked] of [["fetch", []], ["sts", ["sts.us-east-1.amazonaws.com"]]] as const) {
  Deno.test(`doctor's hosts of a strategy that wants ${wants}: ${asked.join() || "none"}`, async () => {
    using host = strategyHost(
      { "box.js": obtainModule("", `wants: ["${wants}"],`) },
      "[profile p]\nbox = x\nregion = us-east-1\n",
    );
    const hosts: string[] = [];
    const http = ({ url }: { readonly url: string }) => {
      hosts.push(new URL(url).host);
      return Promise.resolve({ status: 404, headers: {}, body: new Uint8Array() });
    };
    await run(["doctor", "p", "--json"], { ...host, http }, strategies);
    assertEquals(hosts, [...asked]);
  });
}
