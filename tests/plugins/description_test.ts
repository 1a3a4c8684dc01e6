/** The descriptions of strategies: which ones are accepted, and the errors for the others. */

import { readDescription } from "../../lib/plugins/description.ts";
import { InvalidField } from "../../lib/plugins/validate.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const BOX = { api: 1, name: "box", summary: "the keys of a box", needs: [["box"]] };

Deno.test("a description has defaults for every absent field", () => {
  assertEquals(readDescription(BOX, "executable"), {
    name: "box",
    summary: "the keys of a box",
    needs: [["box"]],
    reads: [],
    gives: "credentials",
    env: [],
    wants: [],
    keep: true,
    timeout: 60,
    maxDuration: 43_200,
  });
});

Deno.test("a description may use every field of the contract, up to its limits", () => {
  const described = readDescription({
    ...BOX,
    needs: [["box", "!role_arn"], ["source_profile.box"]],
    reads: ["lid", "source_profile.mfa_serial"],
    env: ["BOX_URL", "_x1"],
    wants: ["source", "mfa", "sts", "ask", "env", "fetch", "files", "run"],
    keep: false,
    timeout: 900,
    maxDuration: 129_600,
  }, "executable");
  assertEquals(described.needs, [["box", "!role_arn"], ["source_profile.box"]]);
  assertEquals(described.reads, ["lid", "source_profile.mfa_serial"]);
  assertEquals([described.env, described.keep], [["BOX_URL", "_x1"], false]);
  assertEquals([described.timeout, described.maxDuration], [900, 129_600]);
  const signIn = { ...BOX, gives: "sign-in", maxDuration: 30 * 86_400 };
  assertEquals(readDescription(signIn, "executable").maxDuration, 30 * 86_400);
});

Deno.test("the functions of a module determine what it gives", () => {
  const gives = (more: object) => readDescription({ ...BOX, ...more }, "module").gives;
  assertEquals(gives({ steps: true }), "steps");
  assertEquals(gives({ steps: true, wants: ["files"] }), "steps");
  assertEquals(gives({ obtain: true }), "credentials");
  assertEquals(gives({ obtain: true, gives: "keys" }), "keys");
});

/** Descriptions that are refused, and what the problem names. */
const REFUSED: readonly (readonly [kind: "module" | "executable", more: object, named: string])[] =
  [
    ["executable", { api: 2 }, '"api" is 2'],
    ["executable", { api: undefined }, '"api"'],
    ["executable", { extra: 1 }, '"extra"'],
    ["executable", { steps: true }, '"steps"'],
    ["module", {}, '"steps" nor "obtain"'],
    ["module", { steps: true, obtain: true }, 'both "steps" and "obtain"'],
    ["module", { steps: true, gives: "keys" }, '"gives"'],
    ["module", { steps: true, keep: true }, '"keep"'],
    ["module", { steps: true, timeout: 5 }, '"timeout"'],
    ["module", { steps: true, maxDuration: 900 }, '"maxDuration"'],
    ["module", { steps: true, wants: ["files", "run"] }, '"run" in "wants"'],
    ["executable", { gives: "things" }, '"gives" is "things"'],
    ["executable", { gives: "keys", keep: true }, '"keep"'],
    ["executable", { gives: "keys", maxDuration: 900 }, '"maxDuration"'],
    ["executable", { gives: "keys", wants: ["ask", "source"] }, '"source" in "wants"'],
    ["executable", { gives: "keys", wants: ["mfa"] }, '"mfa" in "wants"'],
    ["executable", { gives: "sign-in", wants: ["sts"] }, '"sts" in "wants"'],
    ["executable", { gives: "sign-in", maxDuration: 30 * 86_400 + 1 }, '"maxDuration"'],
    ["executable", { name: undefined }, '"name"'],
    ["executable", { name: "Box" }, '"name" is "Box"'],
    ["executable", { name: "-box" }, '"name" is "-box"'],
    ["executable", { name: "b".repeat(64) }, '"name"'],
    ["executable", { summary: "" }, '"summary"'],
    ["executable", { summary: "a\nb" }, '"summary"'],
    ["executable", { needs: undefined }, '"needs" is not a list'],
    ["executable", { needs: [] }, '"needs" is empty'],
    ["executable", { needs: ["box"] }, '"needs" is not a list'],
    ["executable", { needs: [["box"], []] }, "names no key"],
    ["executable", { needs: [["!box"]] }, "names no key"],
    ["executable", { needs: [["Box"]] }, '"Box"'],
    ["executable", { reads: ["!box"] }, '"!box"'],
    ["executable", { reads: ["a b"] }, '"a b"'],
    ["executable", { reads: ["source_profile.source_profile.box"] }, "not a key"],
    ["executable", { reads: ["aws_secret_access_key"] }, 'wants: ["source"]'],
    ["executable", { reads: ["source_profile.aws_session_token"] }, 'wants: ["source"]'],
    ["executable", { env: "HOME" }, '"env" is not a list'],
    ["executable", { env: ["A-B"] }, '"A-B"'],
    ["executable", { env: ["EAC_MFA_TOKEN"] }, 'wants: ["mfa"]'],
    ["executable", { wants: ["all"] }, '"all"'],
    ["executable", { keep: "no" }, '"keep"'],
    ["executable", { timeout: 0 }, '"timeout"'],
    ["executable", { timeout: 901 }, '"timeout"'],
    ["executable", { timeout: 1.5 }, '"timeout"'],
    ["executable", { maxDuration: 59 }, '"maxDuration"'],
    ["executable", { maxDuration: 129_601 }, '"maxDuration"'],
  ];

for (const [kind, more, named] of REFUSED) {
  const what = `${kind === "module" ? "a module" : "an executable"} with ${JSON.stringify(more)}`;
  Deno.test(`${what} is refused, and the problem names it`, () => {
    const { message } = assertThrows(
      () => readDescription({ ...BOX, ...more }, kind),
      InvalidField,
    );
    assertStringIncludes(message, named);
  });
}
