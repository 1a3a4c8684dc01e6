/** The shared files as profiles: where they are, how they merge, and their warnings. */

import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { IniDocument } from "../../lib/config/ini.ts";
import {
  awsFolder,
  eacHome,
  folderOf,
  isAbsolute,
  join,
  nameOf,
  sharedFiles,
} from "../../lib/config/locations.ts";
import {
  configHeader,
  parseSharedConfig,
  readSharedConfig,
  type SharedConfig,
} from "../../lib/config/shared_config.ts";
import { profileNamed } from "../../lib/config/chain.ts";
import { EacError } from "../../lib/errors.ts";
import { testHost } from "../support/fakes.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function parse(config: string, credentials = ""): SharedConfig {
  const files = { config: "config", credentials: "credentials" };
  return parseSharedConfig({
    files,
    config: bytesOf(config),
    credentials: bytesOf(credentials),
  });
}

/** `config:2 text` of every warning. */
const warnings = ({ warnings }: SharedConfig) =>
  warnings.map(({ place, message }) => `${place.file}:${place.line} ${message}`);

Deno.test("readSharedConfig merges both files key by key and records the place of each value", () => {
  using host = testHost({
    home: {
      ".aws/config": "[profile b]\nregion = eu-west-1\nrole_arn = from-config\n[default]\n",
      ".aws/credentials": "[only]\nx = 1\n[b]\nROLE_ARN = from-credentials\n",
    },
  });
  const { files, profiles } = readSharedConfig(host);
  assertEquals(files, {
    config: host.path(".aws/config"),
    credentials: host.path(".aws/credentials"),
  });
  assertEquals([...profiles.keys()], ["b", "default", "only"]);
  const settings = [...profiles.get("b")!].map(({ key, value, place }) => [key, { value, place }]);
  assertEquals(Object.fromEntries(settings), {
    region: { value: "eu-west-1", place: { file: files.config, line: 2 } },
    role_arn: { value: "from-credentials", place: { file: files.credentials, line: 4 } },
  });
});

Deno.test("readSharedConfig treats a missing file as empty, but not an unreadable one", () => {
  using host = testHost();
  assertEquals(readSharedConfig(host).profiles.size, 0);
  host.write(".aws/config/is-a-folder", "");
  assertEquals(assertThrows(() => readSharedConfig(host), EacError).code, "io");
});

Deno.test("readSharedConfig names the file and line that it cannot parse", () => {
  using host = testHost({ home: { elsewhere: "[a]\nx = 1\n[b\n" } });
  host.env.AWS_SHARED_CREDENTIALS_FILE = "~/elsewhere";
  const error = assertThrows(() => readSharedConfig(host), EacError);
  assertEquals([error.code, error.place], [
    "config_invalid",
    { file: host.path("elsewhere"), line: 3 },
  ]);
});

Deno.test("parseSharedConfig distinguishes profiles, SSO sessions, services and other sections", () => {
  const config = parse(
    "[profile 'a b']\n[sso-session s]\n[services x]\nsts =\n  endpoint_url = u\n[preview]\n" +
      "[profile a!b]\n[profile]\n[default x]\n[Profile c]\nx = 1\n",
    "[a]\n[profile b]\n[two words]\n[default]\n",
  );
  assertEquals([...config.profiles.keys()], ["a b", "a", "default"]);
  assertEquals([...config.ssoSessions.keys()], ["s"]);
  assertEquals(config.services.get("x")?.get("sts")?.value, "\nendpoint_url = u");
  assertEquals(config.ignored.map(({ header, place }) => [header, place.file, place.line]), [
    ["preview", "config", 6],
    ["profile a!b", "config", 7],
    ["profile", "config", 8],
    ["default x", "config", 9],
    ["Profile c", "config", 10],
    ["profile b", "credentials", 2],
    ["two words", "credentials", 3],
  ]);
  assertEquals(config.warnings, []);
});

Deno.test("parseSharedConfig accepts what the AWS CLI refuses, and warns", () => {
  const config = parse(
    "\uFEFF[profile a]\nx = 1\nX = 2\n[profile a]\nx = 3\n",
    "[a]\n[DEFAULT]\ny = 1\n[a]\n",
  );
  assertEquals(config.profiles.get("a")?.get("x")?.value, "3");
  const refuses = "the AWS CLI rejects such a file";
  assertEquals(warnings(config), [
    `config:1 the file begins with a byte order mark: ${refuses}`,
    `config:3 x appears twice in [profile a]: ${refuses}`,
    `config:4 [profile a] appears twice in this file: ${refuses}`,
    "credentials:2 the AWS CLI applies the keys of [DEFAULT] to all profiles",
    `credentials:4 [a] appears twice in this file: ${refuses}`,
  ]);
});

Deno.test("parseSharedConfig reads the quoted names that aws configure writes to the credentials file", () => {
  for (const name of ["Foo Bar", "größe", "a,b", "team (dev)", "it's"]) {
    const quote = name.includes("'") ? '"' : "'";
    const config = parse(
      `[profile ${quote}${name}${quote}]\nregion = x\n`,
      `[${name}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n[other ${name}]\n`,
    );
    assertEquals(
      config.profiles.get(name)?.get("aws_access_key_id")?.value,
      "AKIAIOSFODNN7EXAMPLE",
    );
    assertEquals(config.profiles.get(name)?.get("region")?.value, "x");
    assertEquals(config.ignored.map(({ header }) => header), [`other ${name}`]);
  }
});

Deno.test("profileNamed names the place of an ignored profile section, and the right header", () => {
  const cases: [config: string, credentials: string, name: string, place: string, fix: string][] = [
    ["[prod]\nregion = x\n", "", "prod", "config:1", "[profile prod]"],
    ["[a]\n[profile b]\n[Profile prod]\n", "", "prod", "config:3", "[profile prod]"],
    ["[my prod]\n", "", "my prod", "config:1", "[profile 'my prod']"],
    ["[profile größe]\n", "[größe]\n", "größe", "config:1", "[profile 'größe']"],
    ["[profile it's]\n", "", "it's", "config:1", `[profile "it's"]`],
    ["", "[a,b]\n", "a,b", "credentials:1", "[profile 'a,b']"],
    ["[profile x]\n", "[y]\n[profile alice]\n", "alice", "credentials:2", "[alice]"],
  ];
  for (const [text, credentials, name, place, fix] of cases) {
    const config = parse(text, credentials);
    const error = assertThrows(() => profileNamed(config, name), EacError);
    assertEquals(error.code, "profile_not_found");
    assertEquals(`${error.place?.file}:${error.place?.line}`, place);
    assert(error.hint?.includes(fix), error.hint);
    const source = parse(
      `${text}[profile role]\nrole_arn = r\nsource_profile = ${name}\n`,
      credentials,
    );
    const unread = assertThrows(() => profileNamed(source, "role").source, EacError);
    assert(unread.hint?.includes(fix) && unread.hint.includes(place), unread.hint);
  }
  assertEquals(
    assertThrows(() => profileNamed(parse("[prod]\n"), "pord"), EacError).place,
    undefined,
  );
});

Deno.test("parseSharedConfig warns once for each kind of line that other SDKs read differently", () => {
  const config = parse("[profile a]\n  x = 1\n  y = 2\n", "\u00a0[b]\n\u00a0x = 1\n");
  assertEquals(config.warnings.map(({ code, place }) => [code, `${place.file}:${place.line}`]), [
    ["read_differently", "config:2"],
    ["read_differently", "credentials:1"],
    ["read_differently", "credentials:2"],
    ["read_differently", "credentials:1"],
  ]);
});

Deno.test("parseSharedConfig prefers [profile default] over [default] in any order, and warns", () => {
  for (const order of [[0, 1], [1, 0]]) {
    const both = ["[default]\nx = 1\ny = 1\n", '[profile "default"]\nx = 2\n'];
    const config = parse(order.map((index) => both[index]).join(""), "[default]\nz = 3\n");
    const values = [...config.profiles.get("default")!].map(({ key, value }) => key + value);
    assertEquals(values, ["x2", "z3"]);
    assertEquals(config.warnings.length, 1);
  }
});

Deno.test("parseSharedConfig treats names like __proto__ as plain names", () => {
  const names = ["__proto__", "constructor", "toString"];
  const text = names.map((name) => `[${name}]\n${name} = 1\n`).join("");
  const { profiles } = parse("", text);
  assertEquals([...profiles.keys()], names);
  assertEquals([...profiles.get("__proto__")!].map(({ key }) => key), ["__proto__"]);
  assertEquals(parse("").profiles.get("constructor"), undefined);
});

Deno.test("configHeader names the section in which a profile is read", () => {
  assertEquals(configHeader("prod"), "profile prod");
  assertEquals(configHeader("default"), "default");
  const document = (text: string) => IniDocument.parse(bytesOf(text), "config");
  assertEquals(configHeader("default", document("[default]\n")), "default");
  assertEquals(
    configHeader("default", document("[profile default]\n[default]\n")),
    "profile default",
  );
});

Deno.test("sharedFiles expands a leading ~ and treats an empty variable as unset", () => {
  const home = { HOME: "/home/u/" };
  const env = { ...home, AWS_CONFIG_FILE: "~/c", AWS_SHARED_CREDENTIALS_FILE: "" };
  assertEquals(sharedFiles(env, "linux"), {
    config: "/home/u/c",
    credentials: "/home/u/.aws/credentials",
  });
  const odd = { ...home, AWS_CONFIG_FILE: "~u/c", AWS_SHARED_CREDENTIALS_FILE: "c" };
  assertEquals(sharedFiles(odd, "linux"), { config: "~u/c", credentials: "c" });
  const windows = { USERPROFILE: "C:\\u", AWS_CONFIG_FILE: "~\\c", HOME: "" };
  assertEquals(sharedFiles(windows, "windows"), {
    config: "C:\\u\\c",
    credentials: "C:\\u\\.aws\\credentials",
  });
});

Deno.test("sharedFiles expands variables and the user's own name, as the AWS CLI does", () => {
  const env = { HOME: "/home/u", USER: "u", DIR: "/d", EMPTY: "" };
  const cases: [path: string, expected: string][] = [
    ["$HOME/c", "/home/u/c"],
    ["${HOME}/.aws/c", "/home/u/.aws/c"],
    ["$DIR$DIR/$EMPTY/c", "/d/d//c"],
    ["$NOPE/${NOPE}/c", "$NOPE/${NOPE}/c"],
    ["~u/c", "/home/u/c"],
    ["~u", "/home/u"],
    ["~uu/c", "~uu/c"],
    ["%HOME%/c", "%HOME%/c"],
    ["a$", "a$"],
  ];
  for (const [path, expected] of cases) {
    const { config, credentials } = sharedFiles(
      { ...env, AWS_CONFIG_FILE: path, AWS_SHARED_CREDENTIALS_FILE: path },
      "linux",
    );
    assertEquals([config, credentials], [expected, expected]);
  }
  const windows = { USERPROFILE: "C:\\u", USERNAME: "u" };
  for (const path of ["%USERPROFILE%\\c", "$USERPROFILE\\c", "~\\c", "~u\\c"]) {
    assertEquals(sharedFiles({ ...windows, AWS_CONFIG_FILE: path }, "windows").config, "C:\\u\\c");
  }
});

Deno.test("sharedFiles names the variable to set if a home directory is needed and unknown", () => {
  const error = assertThrows(() => sharedFiles({ USERPROFILE: "C:\\u" }, "linux"), EacError);
  assertEquals(error.code, "config_invalid");
  assertEquals(error.hint?.includes("HOME"), true);
  assertThrows(() => sharedFiles({ HOMEDRIVE: "C:" }, "windows"), EacError, "home");
  const env = { AWS_CONFIG_FILE: "/c", AWS_SHARED_CREDENTIALS_FILE: "/d" };
  assertEquals(sharedFiles(env, "linux"), { config: "/c", credentials: "/d" });
  assertEquals(awsFolder({}, "linux", "/root"), "/root/.aws");
});

Deno.test("eacHome is next to the shared files unless EAC_HOME is set", () => {
  assertEquals(eacHome({ HOME: "/h" }, "linux"), "/h/.aws/eac");
  assertEquals(eacHome({ HOME: "/h", EAC_HOME: "" }, "linux"), "/h/.aws/eac");
  assertEquals(eacHome({ HOME: "/h", EAC_HOME: "~/e" }, "linux"), "/h/e");
  assertEquals(eacHome({ EAC_HOME: "/e" }, "linux"), "/e");
});

Deno.test("paths are joined and split by the rules of their system", () => {
  assertEquals(join("linux", "/", "a", "b"), "/a/b");
  assertEquals(join("linux", "a\\", "b"), "a\\/b");
  assertEquals(join("windows", "C:\\", "a", "b"), "C:\\a\\b");
  const cases: ["linux" | "windows", string, string, string, boolean][] = [
    ["linux", "/a/b", "/a", "b", true],
    ["linux", "/b", "/", "b", true],
    ["linux", "b", ".", "b", false],
    ["linux", "a\\b", ".", "a\\b", false],
    ["windows", "C:\\a/b", "C:\\a", "b", true],
    ["windows", "C:\\b", "C:\\", "b", true],
    ["windows", "a\\b", "a", "b", false],
  ];
  for (const [os, path, folder, name, absolute] of cases) {
    assertEquals([folderOf(os, path), nameOf(os, path), isAbsolute(os, path)], [
      folder,
      name,
      absolute,
    ], path);
  }
});

Deno.test("parseSharedConfig parses in linear time", () => {
  const keys = Array.from({ length: 60_000 }, (_, index) => `k${index} = v\n`).join("");
  const files: [config: string, credentials: string][] = [
    ['[default]\n[profile "x y"]\n'.repeat(40_000), ""],
    ["[profile default]\n[default]\nx = 1\n".repeat(30_000), "[default]\n".repeat(100_000)],
    [`[profile a]\n${keys}`, `[a]\n${keys}`],
  ];
  for (const [config, credentials] of files) {
    const begun = performance.now();
    parse(config, credentials);
    // A quadratic parser takes minutes; this one tens of milliseconds.
    assert(performance.now() - begun < 5000, config.slice(0, 30));
  }
});
