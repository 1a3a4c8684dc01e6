/** The emulator as a separate process. */

import { assertEquals } from "../support/assert.ts";
import { aliceAnd, KEY, send } from "../support/emulator_stage.ts";

Deno.test("scripts/emulator.ts serves until stdin closes, with calls, faults and clock", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/world.json`, JSON.stringify(aliceAnd()));
    const script = new URL("../../scripts/emulator.ts", import.meta.url).href;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, `${folder}/world.json`],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { url } = JSON.parse((await lines.read()).value ?? "");
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
      await answer.body?.cancel();
    };
    const status = async () => {
      const parameters = { Action: "GetCallerIdentity", Version: "2011-06-15" };
      return (await send({ url, time: Date.now() }, KEY, parameters)).status;
    };

    assertEquals(await status(), 200);
    await post("/_faults", [{ answer: 503 }]);
    assertEquals(await status(), 503);
    await post("/_faults", [{ answer: 503, times: 9 }]);
    await post("/_faults", []);
    await post("/_clock", { offset: 3_600_000 });
    assertEquals(await status(), 403);
    const calls: { status: number }[] = await (await fetch(`${url}/_calls`)).json();
    assertEquals(calls.map((call) => call.status), [200, 503, 403]);

    await child.stdin.close();
    assertEquals((await child.status).code, 0);
    await lines.cancel();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
