/**
 * The emulator under a name of AWS.
 *
 * @module
 */

import type { Emulator } from "../../lib/emulator/emulator.ts";
import type { HttpAnswer, HttpRequest } from "../../lib/host/host.ts";

/** Sends a request to the emulator under the host name that it was signed for. */
export async function sendAs(
  name: string,
  { method, headers, body }: HttpRequest,
  { url }: Emulator,
): Promise<HttpAnswer> {
  using client = Deno.createHttpClient({ allowHost: true });
  const init = { method, headers: { ...headers, host: name }, body: body as BodyInit, client };
  const answer = await fetch(url, init as RequestInit);
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.bytes(),
  };
}
