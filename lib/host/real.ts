/**
 * The real {@linkcode Host}: this process, its files, its terminal and its network, with Deno's and
 * web APIs. It uses no Node or npm modules, and loads what few runs need only then, so it starts
 * fast.
 *
 * @module
 */

import type { Host, LoopbackHandler, LoopbackServer, Needs, Os, Output } from "./host.ts";
import { files, ioError, writeAll } from "./files.ts";
import { onSignal } from "./signals.ts";
import { sleep } from "./timer.ts";
import { keepTerminal, openTerminal } from "./terminal.ts";

/** The real Host. */
export function realHost(): Host {
  const env = environment();
  return {
    os: OS,
    env,
    executable: ownCommand,
    stdout: output(Deno.stdout, (thrown) => {
      throw ioError("write to", "stdout", thrown);
    }),
    // The message is lost; the exit code still reports the failure.
    stderr: output(Deno.stderr, () => {}),
    now: () => Date.now(),
    sleep,
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
    ...files,
    lock: async (...where) => (await import("./lock.ts")).lock(...where),
    openTerminal: () => openTerminal(env),
    http: async (request) => (await import("./http.ts")).http(request),
    capture: async (program) => (await processes()).capture(program, env),
    converse: async (program) => (await import("./conversation.ts")).converse(program, env),
    readLine: async () => (await import("./module.ts")).readLine(),
    replace: async (program, begun) => (await processes()).replace(program, env, begun),
    launch: async (program) => (await processes()).launch(program, env),
    onSignal,
    serve,
    narrow,
    importFile: async (path, sealed) =>
      (await import("./module.ts")).importFile(path, toFileUrl(path), sealed),
    fetcher: (limits) => async (...request) =>
      (await import("./http.ts")).fetcher(limits)(...request),
    parentProgram: async () => (await import("./parent.ts")).parentProgram(),
    parentId: () => Deno.ppid,
    inForeground: async () => (await import("./foreground.ts")).inForeground(),
    userId,
  };
}

const processes = () => import("./processes.ts");

const OS: Os = Deno.build.os === "windows" || Deno.build.os === "darwin" ? Deno.build.os : "linux";

/**
 * Windows ignores the case of a variable's name (`Path`, `aws_profile`): there all names are upper
 * case here.
 */
function environment(): Record<string, string> {
  const env = Deno.env.toObject();
  if (OS !== "windows") return env;
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name.toUpperCase(), value]),
  );
}

function ownCommand(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  return [Deno.execPath(), "run", "-A", toPath(Deno.mainModule)];
}

function output(stream: typeof Deno.stdout, fail: (thrown: unknown) => void): Output {
  const encoder = new TextEncoder();
  let open = true;
  let known: boolean | undefined;
  const isTerminal = () => known ??= stream.isTerminal();
  return {
    get isTerminal() {
      return isTerminal();
    },
    get isOpen() {
      return open;
    },
    write(text) {
      try {
        if (open) {
          writeAll({ writeSync: (bytes) => writeSome(stream, bytes) }, encoder.encode(text));
        }
      } catch (thrown) {
        // The reader has exited, as in `eac list | head`, or the terminal is gone.
        const hasReader = !(thrown instanceof Deno.errors.BrokenPipe) && !isTerminal();
        open = false;
        if (hasReader) fail(thrown);
      }
    },
  };
}

/** A parent may have made the pipe non-blocking: then wait for its reader. */
function writeSome(stream: typeof Deno.stdout, bytes: Uint8Array): number {
  try {
    return stream.writeSync(bytes);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.WouldBlock)) throw thrown;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}

function serve(handler: LoopbackHandler): LoopbackServer {
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      // Deno would print the error, which may contain data of the request.
      onError: () => new Response(null, { status: 500 }),
    },
    (request, { remoteAddr }) =>
      handler(request, { port: remoteAddr.port, serverPort: server.addr.port }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    // Shutdown waits for every open request, and any user of the machine can leave one unfinished.
    async stop() {
      const timeUp = new AbortController();
      await Promise.race([server.shutdown(), sleep(STOP_LIMIT, timeUp.signal)]);
      timeUp.abort();
    },
  };
}

/** How long a stopping server waits for open requests, in milliseconds. */
const STOP_LIMIT = 500;

function narrow(needs: Needs): void {
  const canAsk = needs.ask === false || keepTerminal();
  // On other systems the binary never has it.
  const given: Deno.PermissionDescriptor[] = OS === "windows" ? [{ name: "ffi" }] : [];
  if (!needs.net) given.push({ name: "net" });
  if (!needs.run && canAsk) given.push({ name: "run" });
  for (const permission of given) {
    try {
      Deno.permissions.revokeSync(permission);
    } catch {
      // This runtime cannot do it; nothing depends on it.
    }
  }
}

function userId(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch {
    return undefined; // not permitted
  }
}

/** The `file:` URL of an absolute path. */
export function toFileUrl(path: string): string {
  const url = new URL("file:///");
  const encoded = path.replaceAll("%", "%25");
  // The setter encodes everything else that a URL cannot contain.
  url.pathname = encoded.replaceAll("\\", OS === "windows" ? "/" : "%5C");
  return url.href;
}

/** The path of a `file:` URL. */
function toPath(url: string): string {
  const path = decodeURIComponent(new URL(url).pathname);
  return OS === "windows" ? path.replace(/^\/([A-Za-z]:)/, "$1").replaceAll("/", "\\") : path;
}
