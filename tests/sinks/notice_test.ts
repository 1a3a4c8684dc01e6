/** What a user sees of a failure when the program that started eac hides its stderr. */

import { EacError } from "../../lib/errors.ts";
import { noticeOnTerminal } from "../../lib/sinks/notice.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const NEEDED = new EacError("input_required", "an MFA code is needed", { hint: "eac get prod" });

Deno.test("the terminal shows a failure that the user can resolve, in one line, once", async () => {
  using host = testHost({ typed: "" });
  for (let count = 0; count < 7; count++) await noticeOnTerminal(host, NEEDED);
  assertEquals(host.printed.terminal, "eac: an MFA code is needed; eac get prod\n");
  await noticeOnTerminal(host, new EacError("access_denied", "AWS\u001b[31m refused\nit"));
  assertEquals(host.printed.terminal.split("\n").length, 3);
  assertEquals(host.printed.terminal.includes("\u001b"), false);
  host.time += 60_000;
  await noticeOnTerminal(host, NEEDED);
  assertEquals(host.printed.terminal.split("MFA code is needed").length, 3);
});

Deno.test("the terminal does not show what stderr shows there, nor what a retry may resolve", async () => {
  using host = testHost({ typed: "" });
  await noticeOnTerminal({ ...host, stderr: { ...host.stderr, isTerminal: true } }, NEEDED);
  await noticeOnTerminal(host, new EacError("network", "AWS cannot be reached"));
  assertEquals(host.printed.terminal, "");
  using none = testHost({});
  await noticeOnTerminal(none, NEEDED);
});
