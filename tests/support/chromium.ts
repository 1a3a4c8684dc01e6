/**
 * A real browser without a window, driven over the Chrome DevTools Protocol.
 *
 * @module
 */

const program = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  .find((name) => {
    try {
      return new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" })
        .outputSync().success;
    } catch {
      return false;
    }
  });

/** Why no browser can be tested here; `undefined` if one can. */
export const NO_CHROMIUM = program === undefined ? "no Chromium is installed" : undefined;

/** A page that is open. */
export interface Page {
  /** Waits until the page has an element of this id, and clicks on it. */
  click(id: string): Promise<void>;
  /** Waits until the page's text contains this, and returns the whole text. */
  text(part: string): Promise<string>;
}

/** A running browser. */
export interface Browser extends AsyncDisposable {
  open(url: string): Promise<Page>;
}

/** Starts a browser with a separate profile. */
export async function startChromium(): Promise<Browser> {
  const folder = Deno.makeTempDirSync({ prefix: "eac-chromium-" });
  const child = new Deno.Command(program!, {
    args: [
      "--headless",
      "--disable-gpu",
      "--no-first-run",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      // Root has no sandbox; the pages are those of the test.
      ...(Deno.uid() === 0 ? ["--no-sandbox"] : []),
      "about:blank",
    ],
    // It writes its crash reports below HOME, whatever its profile.
    env: { HOME: folder, XDG_CONFIG_HOME: folder },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let output = "";
  let address: string | undefined;
  while (address === undefined) {
    const { value, done } = await stderr.read();
    if (done) throw new Error(`Chromium does not start: ${output}`);
    output += value;
    address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
  }
  void (async () => {
    while (!(await stderr.read()).done);
  })();
  const socket = new WebSocket(address);
  await new Promise((resolve) => socket.onopen = resolve);
  const waiting = new Map<number, (message: { result: Record<string, unknown> }) => void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    waiting.get(message.id)?.(message);
  };
  let count = 0;
  const call = async (method: string, params: unknown, sessionId?: unknown) => {
    const id = ++count;
    const { promise, resolve } = Promise.withResolvers<{ result: Record<string, unknown> }>();
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    return (await promise).result;
  };
  return {
    async open(url) {
      const { targetId } = await call("Target.createTarget", { url });
      const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
      /** Evaluates an expression until it gives something; the page may not be there yet. */
      const until = async (expression: string) => {
        for (;;) {
          const evaluated = await call("Runtime.evaluate", { expression }, sessionId);
          const { value } = Object(evaluated?.result);
          if (value) return String(value);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      return {
        async click(id) {
          await until(
            `{ const it = document.getElementById(${JSON.stringify(id)}); it?.click(); !!it }`,
          );
        },
        text: (part) =>
          until(
            `{ const text = document.body?.innerText ?? ""; ` +
              `text.includes(${JSON.stringify(part)}) && text }`,
          ),
      };
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      await Promise.race([call("Browser.close", {}), closed]);
      await child.status;
      await closed;
      Deno.removeSync(folder, { recursive: true });
    },
  };
}
