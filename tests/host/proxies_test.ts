/** The proxy variables, as eac's requests use them. */

import { proxyUrl } from "../../lib/host/proxies.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { httpAnswer, rawServer } from "../support/raw_server.ts";

const REAL = new URL("../../lib/host/real.ts", import.meta.url).href;
const URLS = { https: "https://sts.example.invalid/", http: "http://sts.example.invalid/" };

Deno.test("proxyUrl parses a proxy as curl does, and encodes the user and the password", () => {
  const table: readonly [value: string, url: string | undefined][] = [
    ["http://proxy:3128", "http://proxy:3128"],
    ["proxy:3128", "http://proxy:3128"],
    ["  http://proxy:3128/ ", "http://proxy:3128"],
    ["http://[::1]:3128", "http://[::1]:3128"],
    ["https://proxy", "https://proxy"],
    ["socks5h://user:pw@proxy:1080", "socks5h://user:pw@proxy:1080"],
    ["http://user:p@ss@proxy:3128", "http://user:p%40ss@proxy:3128"],
    [
      "http://user@corp.example:p@s@s@proxy:3128",
      "http://user%40corp.example:p%40s%40s@proxy:3128",
    ],
    ["user:p@ss@proxy:3128", "http://user:p%40ss@proxy:3128"],
    ["http://user:p%40ss@proxy:3128", "http://user:p%40ss@proxy:3128"],
    ["http://user@proxy:3128", "http://user:@proxy:3128"],
    ["http://user:a b@proxy:3128", "http://user:a%20b@proxy:3128"],
    ["http://user:a/b@proxy:3128", undefined],
    ["http://user:a#b@proxy:3128", undefined],
    ["ftp://proxy:3128", undefined],
    ["http://", undefined],
    ["http://proxy:99999", undefined],
  ];
  for (const [value, url] of table) assertEquals(proxyUrl(value), url, value);
});

/** The results of a run with these variables, and the requests to its proxy. */
async function requests(
  env: Readonly<Record<string, string>>,
  urls: readonly string[],
  version = "HTTP/1.1",
): Promise<{ reports: string[]; users: string[] }> {
  const proxy = rawServer((connection) =>
    connection.send(
      `${version} 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=x\r\n` +
        "content-length: 3\r\nconnection: close\r\n\r\nno!",
    )
  );
  const filled = Object.entries(env).map(([name, value]) => [
    name,
    value.replace("PROXY", proxy.address),
  ]);
  const code = `const { realHost } = await import("${REAL}"); const host = realHost();
    for (const url of ${JSON.stringify(urls)}) {
      await host.http({ method: "GET", url, headers: {}, timeout: 5000 }).then(
        ({ status }) => console.log(status),
        ({ code, message, hint }) => console.log(code + ": " + message + "; " + hint),
      );
    }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    env: { NO_PROXY: "", no_proxy: "", ...Object.fromEntries(filled) },
  }).output();
  await proxy.stop();
  const users = proxy.heads.map((head) => {
    const [, user] = /^proxy-authorization: basic (\S+)/im.exec(head) ?? [];
    return user === undefined ? "" : atob(user);
  });
  return { reports: new TextDecoder().decode(stdout).trimEnd().split("\n"), users };
}

Deno.test("http names a proxy that requires a user and a password", async () => {
  const env = { HTTPS_PROXY: "http://PROXY", HTTP_PROXY: "http://PROXY" };
  const { reports } = await requests(env, [URLS.https, URLS.http]);
  assertEquals(
    reports.map((report) => report.replace(/; .*/, "")),
    Array(2).fill(
      "network: cannot reach sts.example.invalid: the proxy requires a user and a password (HTTP 407)",
    ),
  );
});

Deno.test("http suggests a password when an HTTP/1.0 proxy refuses", async () => {
  const { reports } = await requests({ HTTPS_PROXY: "http://PROXY" }, [URLS.https], "HTTP/1.0");
  assertMatch(reports[0]!, /the proxy refused to connect; .*a user and a password \(HTTP 407\)$/);
});

Deno.test("http sends the proxy the whole user and password", async () => {
  for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
    const { users } = await requests({ [name]: "http://al@x:p@s%2Fs@PROXY" }, [URLS.https]);
    assertEquals(users, ["al@x:p@s/s"], name);
  }
  assertEquals((await requests({ HTTP_PROXY: "bob@PROXY" }, [URLS.http])).users, ["bob:"]);
});

Deno.test("http refuses a proxy variable that is not a URL, and does not show its password", async () => {
  const value = "http://user:hidden/word@PROXY";
  const { reports, users } = await requests(
    { HTTPS_PROXY: value, http_proxy: "http://PROXY" },
    [URLS.https, URLS.http, "https://127.0.0.1:1/"],
  );
  assertEquals(users, [""]);
  assertEquals(
    reports[0]!.startsWith("config_invalid: HTTPS_PROXY is not a valid proxy URL"),
    true,
  );
  assertEquals(reports.join().includes("hidden"), false);
  assertEquals(reports.map((report) => report.split(":")[0]), [
    "config_invalid",
    "network",
    "network",
  ]);
});

Deno.test("http sends no request for loopback to the proxy, over IPv4 or IPv6", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    let listener: Deno.Listener;
    try {
      listener = Deno.listen({ hostname, port: 0 });
    } catch {
      continue; // no IPv6 here
    }
    const direct = rawServer((connection) => connection.send(httpAnswer(204, "")), listener);
    const { port } = listener.addr as Deno.NetAddr;
    const host = hostname === "::1" ? "[::1]" : hostname;
    const env = { HTTP_PROXY: "http://PROXY", ALL_PROXY: "http://PROXY", NO_PROXY: "example.com" };
    const { reports, users } = await requests(env, [`http://${host}:${port}/`]);
    await direct.stop();
    assertEquals([reports, users], [["204"], []]);
  }
});
