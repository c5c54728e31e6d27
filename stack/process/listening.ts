import { once } from "node:events";
import type { Server } from "node:http";

export interface Listening {
  readonly url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/**
 * Milliseconds for which a server keeps a connection that nobody uses: longer than any caller does, whose next request would meet its
 * end. The longest are the functions, 90 seconds by reqwest's `pool_idle_timeout`, which Deno's `fetch` leaves as it is
 * (https://docs.rs/reqwest/latest/reqwest/struct.ClientBuilder.html#method.pool_idle_timeout).
 */
const IDLE = 100_000;

/** Has a server listen on a port of this machine, a free one by default. */
export async function listening(server: Server, port = 0): Promise<Listening> {
  server.keepAliveTimeout = IDLE;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
