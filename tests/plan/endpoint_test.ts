import type { Profile } from "../../lib/config/profile.ts";
import { configuredRegion, type EndpointInput } from "../../lib/plan/region.ts";
import { signInEndpoint, stsEndpoint } from "../../lib/plan/endpoint.ts";
import { EacError } from "../../lib/errors.ts";
import { assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

type Values = Record<string, string>;

function input(values: Values, env: Values = {}, rest: Partial<EndpointInput> = {}): EndpointInput {
  const places = Object.fromEntries(
    Object.keys(values).map((
      key,
      index,
    ) => [key, { file: "/home/a/.aws/config", line: index + 2 }]),
  );
  const profile: Profile = { name: "p", values, places };
  return { profile, services: SERVICES, env, ...rest };
}

const SERVICES = new Map([
  [
    "local",
    new Map([["sts", { value: "\nregion = x\nendpoint_url = http://127.0.0.1:4566/sts" }]]),
  ],
  ["bad", new Map([["sts", { value: "\nendpoint_url = x", place: { file: "/c", line: 9 } }]])],
  ["other", new Map([["ec2", { value: "\nendpoint_url = http://ec2.example.com" }]])],
]);

/**
 * botocore 1.43's result for the same profile and environment; the last column is its signing
 * region.
 */
const BOTOCORE: readonly [values: Values, env: Values, url: string, signing: string][] = [
  [{}, {}, "https://sts.amazonaws.com", "us-east-1"],
  [{ region: "aws-global" }, {}, "https://sts.amazonaws.com", "us-east-1"],
  [{ region: "eu-west-1" }, {}, "https://sts.eu-west-1.amazonaws.com", "eu-west-1"],
  [{ region: "us-east-1" }, {}, "https://sts.us-east-1.amazonaws.com", "us-east-1"],
  [{ region: "xx-new-9" }, {}, "https://sts.xx-new-9.amazonaws.com", "xx-new-9"],
  [{ region: "us-gov-west-1" }, {}, "https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  [{ region: "cn-north-1" }, {}, "https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  [{ region: "eusc-de-east-1" }, {}, "https://sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
  [{ region: "us-iso-east-1" }, {}, "https://sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"],
  [{ region: "us-isob-east-1" }, {}, "https://sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"],
  [{ region: "eu-isoe-west-1" }, {}, "https://sts.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"],
  [
    { region: "us-isof-south-1" },
    {},
    "https://sts.us-isof-south-1.csp.hci.ic.gov",
    "us-isof-south-1",
  ],
  // pseudo-regions
  [{ region: "fips-us-east-1" }, {}, "https://sts-fips.us-east-1.amazonaws.com", "us-east-1"],
  [{ region: "us-west-2-fips" }, {}, "https://sts-fips.us-west-2.amazonaws.com", "us-west-2"],
  [
    { region: "fips-us-gov-west-1" },
    {},
    "https://sts.us-gov-west-1.amazonaws.com",
    "us-gov-west-1",
  ],
  [
    { region: "us-gov-east-1-fips" },
    {},
    "https://sts.us-gov-east-1.amazonaws.com",
    "us-gov-east-1",
  ],
  [
    {},
    { AWS_REGION: "fips-ca-central-1" },
    "https://sts-fips.ca-central-1.amazonaws.com",
    "ca-central-1",
  ],
  // legacy
  [
    { region: "eu-west-1", sts_regional_endpoints: "legacy" },
    {},
    "https://sts.amazonaws.com",
    "us-east-1",
  ],
  [
    { region: "eu-south-1", sts_regional_endpoints: "legacy" },
    {},
    "https://sts.eu-south-1.amazonaws.com",
    "eu-south-1",
  ],
  [
    { region: "cn-north-1", sts_regional_endpoints: "legacy" },
    {},
    "https://sts.cn-north-1.amazonaws.com.cn",
    "cn-north-1",
  ],
  [
    { region: "us-east-2", sts_regional_endpoints: "legacy" },
    { AWS_STS_REGIONAL_ENDPOINTS: "regional" },
    "https://sts.us-east-2.amazonaws.com",
    "us-east-2",
  ],
  [
    { region: "us-east-2" },
    { AWS_STS_REGIONAL_ENDPOINTS: "legacy" },
    "https://sts.amazonaws.com",
    "us-east-1",
  ],
  // FIPS and dual stack
  [
    { region: "us-east-1", use_fips_endpoint: "true", use_dualstack_endpoint: "true" },
    {},
    "https://sts-fips.us-east-1.api.aws",
    "us-east-1",
  ],
  [
    { region: "us-east-1", use_fips_endpoint: "true", sts_regional_endpoints: "legacy" },
    {},
    "https://sts-fips.us-east-1.amazonaws.com",
    "us-east-1",
  ],
  [
    { region: "eu-west-1", use_dualstack_endpoint: "true" },
    {},
    "https://sts.eu-west-1.api.aws",
    "eu-west-1",
  ],
  [
    { region: "us-gov-west-1", use_fips_endpoint: "true" },
    {},
    "https://sts.us-gov-west-1.amazonaws.com",
    "us-gov-west-1",
  ],
  [
    { region: "us-gov-west-1", use_fips_endpoint: "true", use_dualstack_endpoint: "true" },
    {},
    "https://sts-fips.us-gov-west-1.api.aws",
    "us-gov-west-1",
  ],
  [
    { region: "cn-north-1", use_fips_endpoint: "true" },
    {},
    "https://sts-fips.cn-north-1.amazonaws.com.cn",
    "cn-north-1",
  ],
  [
    { region: "us-east-2", use_fips_endpoint: "true" },
    { AWS_USE_FIPS_ENDPOINT: "false" },
    "https://sts.us-east-2.amazonaws.com",
    "us-east-2",
  ],
  // configured endpoints
  [
    { region: "us-east-2", services: "local", endpoint_url: "http://p.example.com" },
    { AWS_ENDPOINT_URL_STS: "http://s.example.com/", AWS_ENDPOINT_URL: "http://g.example.com" },
    "http://s.example.com",
    "us-east-2",
  ],
  [
    { region: "us-east-2", services: "missing", endpoint_url: "http://p.example.com" },
    { AWS_ENDPOINT_URL_STS: "", AWS_ENDPOINT_URL: "http://g.example.com" },
    "http://g.example.com",
    "us-east-2",
  ],
  [
    { region: "us-east-2", services: "local", endpoint_url: "http://p.example.com" },
    {},
    "http://127.0.0.1:4566/sts",
    "us-east-2",
  ],
  [
    { region: "us-east-2", services: "other", endpoint_url: "http://p.example.com:9" },
    {},
    "http://p.example.com:9",
    "us-east-2",
  ],
  [
    { endpoint_url: "http://p.example.com", use_fips_endpoint: "true", region: "us-east-2" },
    { AWS_STS_REGIONAL_ENDPOINTS: "legacy" },
    "http://p.example.com",
    "us-east-2",
  ],
  [
    { region: "us-east-2", endpoint_url: "http://p.example.com" },
    { AWS_ENDPOINT_URL_STS: "http://s", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
    "https://sts.us-east-2.amazonaws.com",
    "us-east-2",
  ],
  [
    { endpoint_url: "http://p.example.com", ignore_configured_endpoint_urls: "true" },
    { AWS_DEFAULT_REGION: "eu-west-1" },
    "https://sts.eu-west-1.amazonaws.com",
    "eu-west-1",
  ],
];

Deno.test("stsEndpoint finds the host and signing region that botocore finds", async (t) => {
  for (const [values, env, url, signingRegion] of BOTOCORE) {
    await t.step(`${JSON.stringify(values)} ${JSON.stringify(env)}`, () => {
      const found = stsEndpoint(input(values, env));
      assertEquals([found.url, found.signingRegion], [url, signingRegion]);
    });
  }
});

Deno.test("stsEndpoint prefers the region of the flag, then AWS_REGION, AWS_DEFAULT_REGION, the profile", () => {
  const values = { region: "eu-west-1" };
  const env = { AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-3" };
  const regionOf = (...args: Parameters<typeof input>) => stsEndpoint(input(...args)).region;
  assertEquals(regionOf(values, env, { region: "eu-north-1" }), "eu-north-1");
  assertEquals(regionOf(values, env), "eu-west-2");
  assertEquals(regionOf(values, { ...env, AWS_REGION: "" }), "eu-west-3");
  assertEquals(regionOf(values), "eu-west-1");
  assertEquals(regionOf({}), "us-east-1");
});

Deno.test("configuredRegion distinguishes a configured region from the default", () => {
  assertEquals(configuredRegion(input({})), undefined);
  assertEquals(configuredRegion(input({ region: "eu-west-1" })), "eu-west-1");
});

Deno.test("stsEndpoint is in the role's partition when no region is configured", () => {
  const urlOf = (partition: string, values: Values = {}) =>
    stsEndpoint(input(values, {}, { partition })).url;
  assertEquals(urlOf("aws-cn"), "https://sts.cn-north-1.amazonaws.com.cn");
  assertEquals(urlOf("aws-us-gov"), "https://sts.us-gov-west-1.amazonaws.com");
  assertEquals(urlOf("aws-eusc"), "https://sts.eusc-de-east-1.amazonaws.eu");
  assertEquals(urlOf("aws"), "https://sts.amazonaws.com");
  assertEquals(urlOf("aws-cn", { region: "eu-west-1" }), "https://sts.eu-west-1.amazonaws.com");
});

Deno.test("stsEndpoint warns when a session token would be sent over plain HTTP", () => {
  const insecure = (url: string) => stsEndpoint(input({ endpoint_url: url })).insecure;
  assertEquals(insecure("http://sts.example.com"), true);
  assertEquals(insecure("https://sts.example.com"), false);
  for (const url of ["http://localhost:4566", "http://127.0.0.1:1", "http://[::1]:1"]) {
    assertEquals(insecure(url), false, url);
  }
});

Deno.test("stsEndpoint takes the CA bundle from the environment, then the profile", () => {
  const values = { ca_bundle: "/own.pem" };
  assertEquals(stsEndpoint(input(values)).caBundle, "/own.pem");
  assertEquals(stsEndpoint(input(values, { AWS_CA_BUNDLE: "/all.pem" })).caBundle, "/all.pem");
  assertEquals("caBundle" in stsEndpoint(input({})), false);
});

Deno.test("stsEndpoint refuses an invalid region or endpoint, with its place", async (t) => {
  const cases: readonly [string, EndpointInput, string, RegExp, string | undefined][] = [
    ["blank", input({ region: "eu west" }), "config_invalid", /^region .*"eu west"/, "config"],
    ["host", input({ region: "evil.com/" }), "config_invalid", /evil\.com/, "config"],
    ["variable", input({}, { AWS_REGION: "a@b" }), "config_invalid", /^AWS_REGION/, undefined],
    ["flag", input({}, {}, { region: "x.y" }), "usage", /^--region/, undefined],
    ["scheme", input({ endpoint_url: "ftp://x" }), "config_invalid", /^endpoint_url/, "config"],
    ["no scheme", input({ endpoint_url: "localhost:4566" }), "config_invalid", /URL/, "config"],
    ["user", input({ endpoint_url: "https://u:p@x" }), "config_invalid", /URL/, "config"],
    ["query", input({ endpoint_url: "https://x/?a=b" }), "config_invalid", /URL/, "config"],
    ["text", input({}, { AWS_ENDPOINT_URL: "http://a b" }), "config_invalid", /^AWS_E/, undefined],
    ["services", input({ services: "bad" }), "config_invalid", /\[services bad\]/, "/c"],
    ["no services", input({ services: "nope" }), "config_invalid", /"nope"/, "config"],
    ["mode", input({ sts_regional_endpoints: "old" }), "config_invalid", /"old"/, "config"],
    ["switch", input({ use_fips_endpoint: "yes" }), "config_invalid", /"yes"/, "config"],
  ];
  for (const [name, given, code, message, file] of cases) {
    await t.step(name, () => {
      const error = assertThrows(() => stsEndpoint(given), EacError);
      assertEquals(error.code, code);
      assertMatch(error.message, message);
      assertEquals(error.place?.file.endsWith(file ?? "?"), file === undefined ? undefined : true);
      assertEquals(error.message.includes("u:p"), false);
    });
  }
});

Deno.test("a switch that is neither true nor false is refused with both words", () => {
  const cases: readonly [EndpointInput, RegExp][] = [
    [input({ use_fips_endpoint: "yes" }), /^use_fips_endpoint/],
    [input({}, { AWS_USE_FIPS_ENDPOINT: "1" }), /^AWS_USE_FIPS_ENDPOINT/],
    [input({}, { AWS_USE_DUALSTACK_ENDPOINT: "on" }), /^AWS_USE_DUALSTACK_ENDPOINT/],
  ];
  for (const [given, message] of cases) {
    const error = assertThrows(() => stsEndpoint(given), EacError);
    assertMatch(error.message, message);
    assertMatch(error.hint ?? "", /\btrue or false\b/);
  }
});

/** botocore 1.43's endpoints of CreateOAuth2Token: region, plain, FIPS, dual stack, both. */
const SIGN_IN: readonly (readonly [region: string, ...hosts: string[]])[] = [
  [
    "eu-west-1",
    "eu-west-1.signin.aws.amazon.com",
    "signin-fips.eu-west-1.amazonaws.com",
    "signin.eu-west-1.api.aws",
    "signin-fips.eu-west-1.api.aws",
  ],
  [
    "cn-north-1",
    "cn-north-1.signin.amazonaws.cn",
    "signin-fips.cn-north-1.amazonaws.com.cn",
  ],
  [
    "us-gov-west-1",
    "us-gov-west-1.signin.amazonaws-us-gov.com",
    "signin-fips.amazonaws-us-gov.com",
    "signin.us-gov-west-1.api.aws",
    "signin-fips.us-gov-west-1.api.aws",
  ],
  [
    "us-gov-east-1",
    "us-gov-east-1.signin.amazonaws-us-gov.com",
    "us-gov-east-1.signin-fips.amazonaws-us-gov.com",
    "signin.us-gov-east-1.api.aws",
    "signin-fips.us-gov-east-1.api.aws",
  ],
  ["us-iso-east-1", "us-iso-east-1.signin.c2shome.ic.gov"],
  ["us-isob-east-1", "us-isob-east-1.signin.sc2shome.sgov.gov"],
  ["eu-isoe-west-1", "eu-isoe-west-1.signin.csphome.adc-e.uk"],
  ["us-isof-south-1", "us-isof-south-1.signin.csphome.hci.ic.gov"],
  [
    "eusc-de-east-1",
    "eusc-de-east-1.signin.amazonaws-eusc.eu",
    "signin-fips.eusc-de-east-1.amazonaws.eu",
  ],
];

Deno.test("signInEndpoint finds the host that botocore finds", () => {
  const fips = { use_fips_endpoint: "true" };
  const dual = { use_dualstack_endpoint: "true" };
  const variants = [{}, fips, dual, { ...fips, ...dual }];
  for (const [region, ...hosts] of SIGN_IN) {
    hosts.forEach((host, index) => {
      const values = { region: "eu-west-1", ...variants[index] };
      assertEquals(signInEndpoint(input(values), region).url, `https://${host}`);
      assertEquals(
        signInEndpoint(input({ ...values, region }), undefined).url,
        `https://${host}`,
      );
    });
  }
});

Deno.test("signInEndpoint accepts a configured URL, and refuses an invalid region", () => {
  const custom = { endpoint_url: "http://127.0.0.1:1/" };
  assertEquals(signInEndpoint(input(custom), "eu-west-1").url, "http://127.0.0.1:1");
  const env = { AWS_ENDPOINT_URL_SIGNIN: "http://127.0.0.1:2" };
  assertEquals(signInEndpoint(input(custom, env), "eu-west-1").url, "http://127.0.0.1:2");
  for (const region of ["evil.example/", "a b", "x@y"]) {
    const error = assertThrows(() => signInEndpoint(input({}), region), EacError) as EacError;
    assertEquals(error.code, "config_invalid");
  }
});
