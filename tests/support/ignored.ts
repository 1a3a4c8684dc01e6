/**
 * Tests that cannot run everywhere.
 *
 * @module
 */

/** A test that is ignored where there is a reason, which becomes part of its name: `no fish`. */
export function testUnless(
  reason: string | undefined,
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const suffix = reason === undefined ? "" : ` (ignored: ${reason})`;
  Deno.test({ name: name + suffix, ignore: reason !== undefined, fn });
}
