/**
 * A TLS server on loopback in front of the emulator. It counts its connections: each is one handshake.
 *
 * @module
 */

/** A running server. */
export interface TlsFront {
  readonly url: string;
  /** A certificate to trust, for `AWS_CA_BUNDLE`. */
  readonly authority: string;
  /** The number of connections so far. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts a server that forwards to the target; `undefined` if openssl cannot make a certificate. */
export function startTlsFront(folder: string, target: string): TlsFront | undefined {
  const [key, cert] = [`${folder}/tls-key.pem`, `${folder}/tls-cert.pem`];
  try {
    const { success } = new Deno.Command("openssl", {
      args: [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        ...["-nodes", "-days", "1", "-subj", "/CN=bench", "-keyout", key, "-out", cert],
        ...["-addext", "subjectAltName=IP:127.0.0.1"],
        ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ],
    }).outputSync();
    if (!success) return undefined;
  } catch {
    return undefined; // openssl is not installed
  }
  const { hostname, port } = new URL(target);
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(cert),
    key: Deno.readTextFileSync(key),
  });
  let connections = 0;
  const accepting = (async () => {
    for await (const client of listener) {
      connections++;
      const server = await Deno.connect({ hostname, port: Number(port) });
      // Either side may close first.
      client.readable.pipeTo(server.writable).catch(() => {});
      server.readable.pipeTo(client.writable).catch(() => {});
    }
  })();
  return {
    url: `https://127.0.0.1:${listener.addr.port}`,
    authority: cert,
    connections: () => connections,
    async stop() {
      listener.close();
      await accepting;
    },
  };
}
