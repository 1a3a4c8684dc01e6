/**
 * A server on loopback that sends any bytes, HTTP or not.
 *
 * @module
 */

/** One connection, from the server's side. */
export interface Connection {
  /** The request's head, as far as it has come. */
  readonly head: string;
  /** Sends text; false once the client is gone. */
  send(text: string | Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** Resolves when the client is gone. */
  gone(): Promise<void>;
}

/** A running server. */
export interface RawServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** The heads of the requests that came. */
  readonly heads: string[];
  /** Bytes that were sent, to all clients together. */
  sent: number;
  stop(): Promise<void>;
}

/** Starts a server; each connection is closed when `answer` returns. */
export function rawServer(
  answer: (connection: Connection) => Promise<unknown>,
  listener: Deno.Listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }),
): RawServer {
  const { port } = listener.addr as Deno.NetAddr;
  const open = new Set<Deno.Conn>();
  const work: Promise<unknown>[] = [];
  const server: RawServer = {
    address: `127.0.0.1:${port}`,
    heads: [],
    sent: 0,
    async stop() {
      listener.close();
      for (const connection of open) close(connection);
      await Promise.allSettled(work);
    },
  };

  const serve = async (connection: Deno.Conn) => {
    open.add(connection);
    try {
      const buffer = new Uint8Array(65_536);
      const length = await connection.read(buffer);
      const head = new TextDecoder().decode(buffer.subarray(0, length ?? 0));
      server.heads.push(head);
      await answer({
        head,
        async send(text) {
          const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
          try {
            for (let done = 0; done < bytes.length;) {
              done += await connection.write(bytes.subarray(done));
            }
          } catch {
            return false;
          }
          server.sent += bytes.length;
          return true;
        },
        async gone() {
          while (await connection.read(buffer).catch(() => null));
        },
      });
    } catch {
      // The client has broken it off, in the TLS handshake as like as not.
    } finally {
      open.delete(connection);
      close(connection);
    }
  };
  work.push((async () => {
    try {
      for await (const connection of listener) work.push(serve(connection));
    } catch {
      // Stopped, or a handshake that failed.
    }
  })());
  return server;
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

/** An HTTP answer, with its length. */
export function httpAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = { "content-type": "text/xml" },
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = new TextEncoder().encode(body).length;
  return `HTTP/1.1 ${status} Told\r\n${lines}content-length: ${length}\r\n` +
    `connection: close\r\n\r\n${body}`;
}
