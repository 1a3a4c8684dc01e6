/** `eac console`: the page, which credentials can sign in, and a URL that no other user sees. */

import { consoleDestination, consolePage, consoleSite } from "../../lib/aws/federation.ts";
import { startEmulator } from "../../lib/emulator/emulator.ts";
import { EacError } from "../../lib/errors.ts";
import type { Host, Program } from "../../lib/host/host.ts";
import { realHost } from "../../lib/host/real.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { posixTest } from "../support/posix.ts";
import { WORLD } from "../support/world.ts";

const HOME = {
  ".aws/config": `[profile alice]
[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
region = eu-west-1
[profile chained]
role_arn = arn:aws:iam::123456789012:role/Chained
source_profile = open
`,
  ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
};

/** The program that opens a page in the browser. */
const BROWSER = { darwin: "/usr/bin/open", windows: "rundll32", linux: "xdg-open" };

/** Runs `eac console` with these words. */
async function signIn(
  argv: string[],
  { machine = {}, env = {} }: { machine?: Partial<Host>; env?: Record<string, string> } = {},
) {
  using host = testHost({ home: HOME, env: { DISPLAY: ":0", ...env } });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    const at = { ...host, now: () => host.time, ...machine };
    const code = await run(["console", ...argv], at, strategies);
    const calls = emulator.calls.map(({ action, status }) => `${action} ${status}`);
    const sent = emulator.calls.map(({ parameters }) => parameters);
    const { url, world: { sessions } } = emulator;
    return { code, ...host.printed, calls, sent, url, sessions };
  } finally {
    await emulator.stop();
  }
}

function endpoint(region: string) {
  const url = `https://sts.${region}.amazonaws.com`;
  return { region, url, signingRegion: region, insecure: false, realm: "aws" };
}

Deno.test("console opens the console of the region's partition", () => {
  const table: [region: string, federation: string, page: string][] = [
    [
      "eu-west-1",
      "https://signin.aws.amazon.com/federation",
      "https://console.aws.amazon.com/s3/home?region=eu-west-1",
    ],
    [
      "cn-north-1",
      "https://signin.amazonaws.cn/federation",
      "https://console.amazonaws.cn/s3/home?region=cn-north-1",
    ],
    [
      "us-gov-west-1",
      "https://signin.amazonaws-us-gov.com/federation",
      "https://console.amazonaws-us-gov.com/s3/home?region=us-gov-west-1",
    ],
    [
      "eusc-de-east-1",
      "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation",
      "https://console.amazonaws-eusc.eu/s3/home?region=eusc-de-east-1",
    ],
  ];
  for (const [region, federation, page] of table) {
    const site = consoleSite(endpoint(region));
    assertEquals(site.federation, federation);
    assertEquals(consolePage(site, "S3", region), page);
  }
  const site = { console: "https://console.aws.amazon.com" };
  assertEquals(consolePage(site, undefined, undefined), `${site.console}/console/home`);
  assertEquals(consolePage(site, "dynamodb", undefined), `${site.console}/dynamodbv2/home`);
  assertThrows(() => consoleSite(endpoint("us-iso-east-1")), EacError);
  assertThrows(() => consolePage(site, "a/../b?", undefined), EacError);
});

Deno.test("console --print prints a sign-in URL with a token and the page, and requests no duration", async () => {
  for (const profile of ["open", "chained"]) {
    const { code, stdout, stderr, calls, url, sessions } = await signIn([profile, "--print"]);
    assertEquals(code, 0, stderr);
    assertEquals(calls.at(-1), "getSigninToken 200");
    const address = new URL(stdout.trim());
    assertEquals(address.origin + address.pathname, `${url}/federation`);
    const parameters = Object.fromEntries(address.searchParams);
    assertEquals(parameters.Action, "login");
    // A role without a region has that of its source.
    const page = "https://console.aws.amazon.com/console/home?region=eu-west-1";
    assertEquals(parameters.Destination, page);
    assertMatch(parameters.SigninToken ?? "", /^[\w-]{512}$/);
    for (const { secret, token } of sessions) {
      assert(!stdout.includes(secret) && !stdout.includes(encodeURIComponent(token)));
    }
  }
});

Deno.test("console sends the browser through loopback, without a secret on its command line", async () => {
  const launched: Program[] = [];
  let visits: Promise<Response[]> | undefined;
  const visit = (url: string) => fetch(url, { redirect: "manual" });
  const machine: Partial<Host> = {
    launch(program) {
      launched.push(program);
      const url = program.args.at(-1)!;
      const elsewhere = new URL("/other", url).href;
      visits = visit(elsewhere).then(async (first) => [first, await visit(url), await visit(url)]);
      return Promise.resolve();
    },
    async sleep(_, signal) {
      await new Promise<void>((done) => signal?.addEventListener("abort", () => done()));
      await visits;
    },
  };
  const { code, stdout, stderr } = await signIn(["open", "--service", "ec2"], { machine });
  assertEquals([code, stdout], [0, ""]);
  assertStringIncludes(stderr, "https://console.aws.amazon.com/ec2/home?region=eu-west-1");
  assert(!stderr.includes("SigninToken"));
  assertEquals(launched.map(({ command }) => command), [BROWSER[realHost().os]]);
  assertMatch(launched[0]!.args.at(-1)!, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}$/);
  const [other, first, again] = await visits!;
  assertEquals([other!.status, first!.status, again!.status], [404, 303, 404]);
  assertMatch(first!.headers.get("location")!, /\/federation\?Action=login&.*SigninToken=/);
  for (const answer of await visits!) await answer.body?.cancel();
});

posixTest(
  "no owner of a connection",
  "console does not sign in another user who opens the page first, and still signs in its own",
  async () => {
    for (const owner of [undefined, 4_000_000_000]) {
      let visits: Promise<Response[]> | undefined;
      const visit = (url: string) => fetch(url, { redirect: "manual" });
      let asked = 0;
      const machine: Partial<Host> = {
        launch(program) {
          const url = program.args.at(-1)!;
          visits = visit(url).then(async (first) => [first, await visit(url)]);
          return Promise.resolve();
        },
        // At first the visitor is another user, or unknown.
        userId: () => asked++ === 0 ? owner : Deno.uid()!,
        async sleep(_, signal) {
          await new Promise<void>((done) => {
            if (signal?.aborted) done();
            signal?.addEventListener("abort", () => done());
          });
          await visits;
        },
      };
      const { code, stdout, stderr } = await signIn(["open"], { machine });
      assertEquals(code, 0, stderr);
      const [first, second] = await visits!;
      assertEquals([first!.status, first!.headers.get("location")], [403, null]);
      // If the system does not report the visitor's owner, eac prints the URL immediately.
      assertEquals(second!.status, owner === undefined ? 404 : 303);
      assertEquals(stdout === "", owner !== undefined);
      if (owner === undefined) assertStringIncludes(stderr, "could not verify that the browser is");
      for (const answer of await visits!) await answer.body?.cancel();
    }
  },
);

Deno.test("console prints the URL if no browser opens the page", async () => {
  const address = /^http:\/\/127\.0\.0\.1:\d+\/federation\?Action=login&.*\n$/;
  const nobody = await signIn(["open"]);
  assertMatch(nobody.stdout, address);
  assertStringIncludes(nobody.stderr, "could not open a browser; open this URL yourself");
  const launch = () => {
    throw new EacError("exec_failed", "xdg-open: command not found", { exitCode: 127 });
  };
  const missing = await signIn(["open"], { machine: { launch } });
  assertMatch(missing.stdout, address);
  assertStringIncludes(missing.stderr, "xdg-open: command not found; open this URL yourself");
  if (realHost().os !== "linux") return; // elsewhere there is always a desktop
  const remote = await signIn(["open"], { env: { DISPLAY: "" } });
  assertMatch(remote.stdout, address);
  assertStringIncludes(remote.stderr, "there is no desktop: open this URL elsewhere");
});

Deno.test("console signs in a user without a role, with all that the user may do", async () => {
  const { code, stderr, stdout, calls, sent } = await signIn(["alice", "--print"]);
  assertEquals(code, 0, stderr);
  assertEquals([calls, stderr], [["GetFederationToken 200", "getSigninToken 200"], ""]);
  assertStringIncludes(stdout, "SigninToken=");
  const { Name, DurationSeconds, Policy } = sent[0]!;
  assertEquals([Name, DurationSeconds], ["alice", "3600"]);
  assertEquals(JSON.parse(Policy!).Statement, [{ Effect: "Allow", Action: "*", Resource: "*" }]);
});

Deno.test("console restricts a user without a role by --policy and --policy-arn", async () => {
  const policy = '{"Version":"2012-10-17","Statement":[]}';
  const own = await signIn(["alice", "--print", "--policy", policy, "-d", "15m"]);
  assertEquals(own.code, 0, own.stderr);
  assertEquals([own.sent[0]!.Policy, own.sent[0]!.DurationSeconds], [policy, "900"]);
  const arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const managed = await signIn(["alice", "--print", "--policy-arn", arn]);
  assertEquals(managed.code, 0, managed.stderr);
  assertEquals(managed.sent[0]!["PolicyArns.member.1.arn"], arn);
  assertEquals(managed.sent[0]!.Policy, undefined);
  const missing = await signIn(["alice", "--print", "--policy", "file:///nowhere"]);
  assertEquals([missing.code, missing.calls], [3, []]);
});

Deno.test("console says that the session of a user with an MFA device is without MFA", async () => {
  const { code, stderr, calls } = await signIn([
    "alice",
    "--print",
    "--mfa-serial",
    "arn:aws:iam::123456789012:mfa/alice",
  ]);
  assertEquals(code, 0, stderr);
  assertEquals(calls[0], "GetFederationToken 200");
  assertMatch(stderr, /warning: .*without MFA/);
});

Deno.test("console reports errors of the sign-in endpoint, and responses of another server", async () => {
  const answering = async (status: number, body: string) => {
    using host = testHost();
    const at = host.http;
    return await signIn(["open"], {
      machine: {
        http: (request) =>
          request.url.includes("/federation")
            ? Promise.resolve({ status, headers: {}, body: new TextEncoder().encode(body) })
            : at(request),
      },
    });
  };
  assertEquals((await answering(400, "<html>")).code, 5);
  assertEquals((await answering(500, "")).code, 6);
  const page = await answering(200, "<html>Company proxy</html>");
  assertEquals(page.code, 6);
  assertStringIncludes(page.stderr, "returned no sign-in token (HTTP 200)");
});

Deno.test("console opens any page of the partition's console, and no other site", () => {
  const site = { console: "https://console.aws.amazon.com" };
  const pages = [
    ["/s3/buckets/b?tab=objects#x", "https://console.aws.amazon.com/s3/buckets/b?tab=objects#x"],
    ["/", "https://console.aws.amazon.com/"],
    ["https://console.aws.amazon.com/ec2/home", "https://console.aws.amazon.com/ec2/home"],
    [
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:",
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:",
    ],
  ] as const;
  for (const [given, page] of pages) assertEquals(consoleDestination(site, given), page);
  const elsewhere = [
    "",
    "s3/buckets",
    "//evil.example/x",
    "/\\evil.example/x",
    "https://evil.example/",
    "https://console.aws.amazon.com.evil.example/",
    "https://evilconsole.aws.amazon.com/",
    "https://user@console.aws.amazon.com/",
    "http://console.aws.amazon.com/",
    "https://console.amazonaws.cn/",
    "javascript:alert(1)",
  ];
  for (const given of elsewhere) {
    const error = assertThrows(() => consoleDestination(site, given), EacError) as EacError;
    assertEquals(error.code, "usage", given);
    assertStringIncludes(error.message, "--destination");
  }
});

Deno.test("console --destination opens that page, and cannot be used with --service", async () => {
  const page = "/s3/buckets/b?region=eu-west-1";
  const { code, stdout, stderr } = await signIn(["open", "--destination", page, "--print"]);
  assertEquals(code, 0, stderr);
  assertEquals(
    new URL(stdout.trim()).searchParams.get("Destination"),
    `https://console.aws.amazon.com${page}`,
  );
  for (const more of [["--service", "s3"], []]) {
    const wrong = more.length > 0 ? page : "https://evil.example/";
    const refused = await signIn(["open", "--destination", wrong, ...more]);
    assertEquals([refused.code, refused.stdout, refused.calls], [2, "", []]);
  }
});
