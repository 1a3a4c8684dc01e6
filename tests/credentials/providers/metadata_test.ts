/** Instance and container metadata: the protocols, what may be asked, and servers that break off. */

import {
  containerCredentials,
  instanceCredentials,
} from "../../../lib/credentials/providers/metadata.ts";
import { EacError, type ErrorCode } from "../../../lib/errors.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { type Connection, httpAnswer, rawServer } from "../../support/raw_server.ts";

/** The responses of the metadata services. */
const METADATA = {
  Code: "Success",
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "s",
  Token: "t",
  Expiration: "2099-01-01T00:00:00Z",
};

const profileWith = (values: Record<string, string>) => ({ name: "p", values, places: {} });

const instance = (host: TestHost, values: Record<string, string> = {}) =>
  instanceCredentials(host, profileWith(values), {});
const container = (host: TestHost) => containerCredentials(host, {});

async function failure(work: Promise<unknown>): Promise<EacError> {
  return await assertRejects(() => work, EacError) as EacError;
}

/** A listener on IPv6 loopback; `undefined` if there is none. */
function ipv6Listener(): Deno.Listener | undefined {
  try {
    return Deno.listen({ hostname: "::1", port: 0 });
  } catch {
    return undefined;
  }
}

/** Answers as IMDS does, version 2. */
const imds = (connection: Connection) => {
  const [line] = connection.head.split("\r\n");
  const body = line!.startsWith("PUT")
    ? "token"
    : line!.includes("/deploy ")
    ? JSON.stringify(METADATA)
    : "deploy";
  return connection.send(httpAnswer(200, body));
};

Deno.test("instance metadata is requested with an IMDSv2 token", async () => {
  using host = testHost();
  const seen: string[] = [];
  let role = true;
  const server = host.serve((request) => {
    const { pathname } = new URL(request.url);
    seen.push(`${request.method} ${request.headers.get("x-aws-ec2-metadata-token")} ${pathname}`);
    if (pathname === "/latest/api/token") return new Response("token");
    if (!role) return new Response(null, { status: 404 });
    return pathname.endsWith("/deploy") ? Response.json(METADATA) : new Response("deploy\nother");
  });
  host.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = `${server.url}/`;
  const credentials = await instance(host);
  assertEquals(credentials.accessKeyId, METADATA.AccessKeyId);
  assertEquals(credentials.sessionToken?.reveal(), "t");
  assertEquals(credentials.expiration, Date.parse(METADATA.Expiration));
  assertEquals(seen, [
    "PUT null /latest/api/token",
    "GET token /latest/meta-data/iam/security-credentials/",
    "GET token /latest/meta-data/iam/security-credentials/deploy",
  ]);
  role = false;
  assertEquals((await failure(instance(host))).code, "missing_credentials");
  await server.stop();
  const gone = await failure(instance(host));
  assertEquals(gone.code, "network");
  assertMatch(gone.hint ?? "", /EC2 instance/);
  host.env.AWS_EC2_METADATA_DISABLED = "true";
  assertEquals((await failure(instance(host))).code, "missing_credentials");
});

Deno.test("instance metadata falls back to IMDSv1 unless that is disabled", async () => {
  for (const status of [403, 404, 405]) {
    using host = testHost();
    const tokens: (string | null)[] = [];
    const server = host.serve((request) => {
      if (request.method === "PUT") return new Response(null, { status });
      tokens.push(request.headers.get("x-aws-ec2-metadata-token"));
      return request.url.endsWith("/deploy") ? Response.json(METADATA) : new Response("deploy");
    });
    host.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = server.url;
    await instance(host);
    assertEquals(tokens, [null, null]);
    await failure(instance(host, { ec2_metadata_v1_disabled: "true" }));
    host.env.AWS_EC2_METADATA_V1_DISABLED = "TRUE";
    await failure(instance(host));
    assertEquals(tokens.length, 2);
    await server.stop();
  }
});

Deno.test("instance metadata is configured by the environment, then by the profile", async () => {
  const requests: string[] = [];
  const urlOf = async (env: Record<string, string>, values: Record<string, string> = {}) => {
    using host = testHost({ env });
    requests.length = 0;
    host.http = ({ url, timeout }) => {
      requests.push(`${url} ${timeout}`);
      return Promise.reject(new EacError("network", "cannot reach it: refused"));
    };
    await failure(instance(host, values));
    return requests[0]!.replace("/latest/api/token", "");
  };
  assertEquals(await urlOf({}), "http://169.254.169.254 1000");
  const mode = { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6" };
  assertEquals(await urlOf(mode), "http://[fd00:ec2::254] 1000");
  assertEquals(
    await urlOf({}, { ec2_metadata_service_endpoint_mode: "ipv6" }),
    "http://[fd00:ec2::254] 1000",
  );
  const own = { ec2_metadata_service_endpoint: "http://127.0.0.1:1" };
  assertEquals(await urlOf(mode, own), "http://127.0.0.1:1 1000");
  const variables = {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:2",
    AWS_METADATA_SERVICE_TIMEOUT: "2.5",
    AWS_METADATA_SERVICE_NUM_ATTEMPTS: "4",
  };
  assertEquals(await urlOf(variables, own), "http://127.0.0.1:2 2500");
  assertEquals(requests.length, 4);
  assertEquals(requests[3], requests[0]);
});

Deno.test("instance metadata names the setting that is invalid", async () => {
  for (
    const [name, value] of [
      ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254"],
      ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5"],
      ["AWS_METADATA_SERVICE_TIMEOUT", "soon"],
      ["AWS_METADATA_SERVICE_NUM_ATTEMPTS", "0"],
    ]
  ) {
    using host = testHost({ env: { [name!]: value! } });
    const error = await failure(instance(host));
    assertEquals(error.code, "config_invalid");
    assertStringIncludes(error.message, name!);
  }
});

Deno.test("instance metadata reports an error that IMDS sends with status 200", async () => {
  using host = testHost();
  const server = host.serve((request) => {
    if (request.method === "PUT") return new Response("token");
    if (!request.url.endsWith("/deploy")) return new Response("deploy");
    return Response.json({ Code: "AssumeRoleUnauthorizedAccess", Message: "cannot assume it" });
  });
  host.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = server.url;
  const error = await failure(instance(host));
  await server.stop();
  assertEquals(error.code, "service");
  assertStringIncludes(error.message, "AssumeRoleUnauthorizedAccess: cannot assume it");
});

Deno.test("instance and container metadata work over IPv6", async () => {
  const listener = ipv6Listener();
  if (listener === undefined) return;
  using host = testHost();
  const server = rawServer(imds, listener);
  const url = `http://[::1]:${(listener.addr as Deno.NetAddr).port}`;
  host.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = url;
  assertEquals((await instance(host)).accessKeyId, METADATA.AccessKeyId);
  host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${url}/deploy `.trim();
  const other = rawServer(
    (connection) => connection.send(httpAnswer(200, JSON.stringify(METADATA))),
    ipv6Listener()!,
  );
  host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `http://[::1]:${other.address.split(":")[1]}/x`;
  assertEquals((await container(host)).accessKeyId, METADATA.AccessKeyId);
  await Promise.all([server.stop(), other.stop()]);
});

Deno.test("container credentials are requested from the endpoint in the environment, with its token", async () => {
  using host = testHost({ home: { token: "from-file\n", empty: "\n" } });
  assertEquals((await failure(container(host))).code, "missing_credentials");
  let answer = () => Response.json(METADATA);
  let seen: string | null = "";
  const server = host.serve((request) => {
    seen = request.headers.get("authorization");
    return answer();
  });
  host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${server.url}/creds`;
  await container(host);
  assertEquals(seen, null);
  host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = "Basic abc";
  assertEquals((await container(host)).accessKeyId, METADATA.AccessKeyId);
  assertEquals(seen, "Basic abc");
  answer = () => Response.json({ ...METADATA, SecretAccessKey: undefined });
  assertEquals((await failure(container(host))).code, "service");
  answer = () => Response.json({ ...METADATA, Expiration: "2020-01-01T00:00:00Z" });
  assertEquals((await failure(container(host))).code, "expired");
  answer = () => Response.json({ ...METADATA, Expiration: "soon" });
  assertEquals((await failure(container(host))).code, "service");
  answer = () => Response.json(METADATA);

  host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = host.path("token");
  await container(host);
  assertEquals(seen, "from-file");
  for (const name of ["empty", "none"]) {
    host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = host.path(name);
    assertEquals((await failure(container(host))).code, "missing_credentials");
  }
  delete host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = "a\r\nx-other: b";
  assertEquals((await failure(container(host))).code, "config_invalid");
  delete host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  await server.stop();
  const gone = await failure(container(host));
  assertEquals(gone.code, "network");
  assertMatch(gone.hint ?? "", /AWS_CONTAINER_CREDENTIALS_FULL_URI/);
});

Deno.test("container credentials: the token goes over plain HTTP only to loopback, ECS and EKS", async () => {
  const table: readonly [variable: "FULL" | "RELATIVE", value: string, url: string | undefined][] =
    [
      ["RELATIVE", "/v2/creds?id=1", "http://169.254.170.2/v2/creds?id=1"],
      ["RELATIVE", "@example.com/", undefined],
      ["FULL", "http://localhost:1/a", "http://localhost:1/a"],
      ["FULL", "http://127.1.2.3/", "http://127.1.2.3/"],
      ["FULL", "http://[::1]/", "http://[::1]/"],
      ["FULL", "http://169.254.170.2/a", "http://169.254.170.2/a"],
      ["FULL", "http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"],
      ["FULL", "http://[fd00:ec2::23]/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"],
      ["FULL", "https://example.com/a", "https://example.com/a"],
      ["FULL", "http://example.com/a", undefined],
      ["FULL", "http://169.254.169.254/a", undefined],
      ["FULL", "http://127.0.0.1.example.com/a", undefined],
      ["FULL", "ftp://127.0.0.1/a", undefined],
      ["FULL", "not a URL", undefined],
    ];
  for (const [variable, value, url] of table) {
    using host = testHost({ env: { [`AWS_CONTAINER_CREDENTIALS_${variable}_URI`]: value } });
    let asked: string | undefined;
    host.http = (request) => {
      asked = request.url;
      return Promise.resolve({
        status: 200,
        headers: {},
        body: new TextEncoder().encode(JSON.stringify(METADATA)),
      });
    };
    if (url === undefined) assertEquals((await failure(container(host))).code, "config_invalid");
    else await container(host);
    assertEquals(asked, url, value);
  }
});

Deno.test("a busy container endpoint is tried three times with growing delays", async () => {
  for (const status of [429, 500, 503]) {
    using host = testHost();
    const times: number[] = [];
    let busy = 2;
    const server = host.serve(() => {
      times.push(host.time);
      return busy-- > 0 ? new Response("{}", { status }) : Response.json(METADATA);
    });
    host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = server.url;
    await container(host);
    const [first, second, third] = times;
    assertEquals([second! - first!, third! - second!], [500, 1000]);
    busy = 3;
    assertEquals((await failure(container(host))).code, "service");
    assertEquals(times.length, 6);
    await server.stop();
  }
});

Deno.test("a container endpoint that refuses is tried once, and its message is shown without the token", async () => {
  using host = testHost({ env: { AWS_CONTAINER_AUTHORIZATION_TOKEN: "secret-token" } });
  let count = 0;
  const server = host.serve(() => {
    count++;
    return Response.json(
      { code: "AccessDenied", message: "not for\x1b[2J secret-token\nhint: x" },
      { status: 400 },
    );
  });
  host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = server.url;
  const error = await failure(container(host));
  await server.stop();
  assertEquals([error.code, count], ["service", 1]);
  assertStringIncludes(error.message, `HTTP 400, "AccessDenied: not for`);
  assert(!/secret-token|\n|\p{Cc}/u.test(error.message), error.message);
});

/** Servers that disconnect or never stop, and the resulting errors. */
const BROKEN: Readonly<
  Record<string, readonly [answer: (c: Connection) => Promise<unknown>, ErrorCode]>
> = {
  "closes at once": [() => Promise.resolve(), "network"],
  "breaks off within its headers": [(c) => c.send("HTTP/1.1 200 OK\r\ncontent-"), "network"],
  "breaks off within its body": [
    (c) => c.send('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"Access'),
    "network",
  ],
  "breaks off within a chunk": [
    (c) => c.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"),
    "network",
  ],
  "speaks another protocol": [(c) => c.send("SSH-2.0-OpenSSH_9.6\r\n"), "network"],
  "sends a body without end": [
    (c) => endless(c, "HTTP/1.1 200 OK\r\n\r\n", "x".repeat(65_536)),
    "network",
  ],
  "sends endless chunks despite a short length": [
    (c) =>
      endless(
        c,
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n\r\n",
        `10000\r\n${"x".repeat(65_536)}\r\n`,
      ),
    "network",
  ],
  "sends a page": [(c) => c.send(httpAnswer(200, "<html>Sign in</html>")), "service"],
  "sends a list": [(c) => c.send(httpAnswer(200, "[1]")), "service"],
  "sends bytes that are no text": [
    (c) => c.send(new Uint8Array([...new TextEncoder().encode(httpAnswer(200, "")), 255])),
    "service",
  ],
  "redirects": [
    (c) => c.send(httpAnswer(302, "", { location: "http://169.254.169.254/" })),
    "service",
  ],
};

async function endless(connection: Connection, first: string, again: string): Promise<void> {
  if (!await connection.send(first)) return;
  while (await connection.send(again));
}

for (const [name, [answer, code]] of Object.entries(BROKEN)) {
  Deno.test(`metadata that ${name} is an error in bounded time`, async () => {
    for (const get of [instance, container]) {
      using host = testHost();
      const server = rawServer(answer);
      host.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = `http://${server.address}`;
      host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `http://${server.address}/x`;
      const error = await failure(get(host));
      await server.stop();
      assertEquals(error.code, code, error.message);
      assert(server.sent < 64 * 1024 * 1024, `${server.sent} bytes were read`);
    }
  });
}

Deno.test("metadata requests end at their time limit, and with the run", async () => {
  using host = testHost({
    env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/" },
  });
  host.http = () => new Promise(() => {});
  const stop = new AbortController();
  host.deadline = () => stop.signal;
  const late = failure(container(host));
  stop.abort();
  assertEquals((await late).code, "timeout");
  host.deadline = () => new AbortController().signal;
  const interrupted = containerCredentials(host, { signal: AbortSignal.abort() });
  assertEquals((await failure(interrupted)).code, "interrupted");
});
