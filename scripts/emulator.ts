/**
 * The emulator as a separate process, for tests with many processes.
 *
 * `deno run -A scripts/emulator.ts WORLD.json` prints `{"url":...}` and serves until stdin closes.
 * `GET /_calls` returns the received calls, `POST /_faults` adds an array of faults (an empty one
 * removes them all), `POST /_clock` takes `{"offset": milliseconds}`.
 *
 * @module
 */

import { type Emulator, startEmulator } from "../lib/emulator/emulator.ts";
import type { Fault } from "../lib/emulator/faults.ts";
import type { Host } from "../lib/host/host.ts";
import { realHost } from "../lib/host/real.ts";

const [file] = Deno.args;
if (file === undefined) {
  console.error("usage: deno run -A scripts/emulator.ts WORLD.json");
  Deno.exit(2);
}
const host = realHost();
const serve: Host["serve"] = (answer) =>
  host.serve((request, peer) => control(request) ?? answer(request, peer));
const world = JSON.parse(Deno.readTextFileSync(file));
const emulator: Emulator = startEmulator({ ...host, serve }, world);
console.log(JSON.stringify({ url: emulator.url }));
for await (const _ of Deno.stdin.readable);
await emulator.stop();

/** Handles the control routes; `undefined` for all others. */
function control(request: Request): Promise<Response> | undefined {
  switch (new URL(request.url).pathname) {
    case "/_calls":
      return Promise.resolve(Response.json(emulator.calls));
    case "/_faults":
      return request.json().then((faults: Fault[]) => {
        if (faults.length === 0) emulator.faults.length = 0;
        emulator.faults.push(...faults);
        return Response.json({});
      });
    case "/_clock":
      return request.json().then((clock: { offset: number }) => {
        emulator.clockOffset = clock.offset;
        return Response.json({});
      });
    default:
      return undefined;
  }
}
