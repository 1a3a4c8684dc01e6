/** The number of connections that requests use. */

import { http } from "../../lib/host/http.ts";
import { assertEquals } from "../support/assert.ts";
import { makeCertificate, NO_OPENSSL } from "../support/certificates.ts";
import { testHost } from "../support/fakes.ts";

Deno.test({
  name: "requests with a CA bundle share one connection and TLS handshake" +
    (NO_OPENSSL ? ` (ignored: ${NO_OPENSSL})` : ""),
  ignore: NO_OPENSSL !== undefined,
  sanitizeResources: false, // the client stays open for the next request
  async fn() {
    using host = testHost();
    await makeCertificate(host.home, "ca", "DNS:ca.example", "30");
    await makeCertificate(host.home, "server", "IP:127.0.0.1", "30", "ca");
    const pem = (name: string) => Deno.readTextFileSync(host.path(`server-${name}.pem`));
    const ports = new Set<number>();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: pem("cert"), key: pem("key"), onListen() {} },
      (_request, { remoteAddr }) => {
        ports.add(remoteAddr.port);
        return new Response("ok");
      },
    );
    const url = `https://127.0.0.1:${server.addr.port}/`;
    const caBundle = host.path("ca-cert.pem");
    for (let count = 0; count < 3; count++) {
      const { status } = await http({ method: "GET", url, headers: {}, timeout: 5000, caBundle });
      assertEquals(status, 200);
    }
    assertEquals(ports.size, 1);
    await server.shutdown();
  },
});
