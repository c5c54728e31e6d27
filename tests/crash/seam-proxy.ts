import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { seamName, shiftedCreation, unshiftedCreation } from "./seam-calls.ts";

/** Before the call has left the function, or once all of its effect is there and nobody has heard of it. */
export type Moment = "before" | "after";

/** Where the function is to die. */
export interface Strike {
  /** Which of its calls, counted from 1. */
  readonly call: number;
  readonly moment: Moment;
  /** Settles when the process is gone. */
  readonly kill: () => Promise<void>;
}

/** A call of the function. */
export interface SeamCall {
  readonly name: string;
  /** Whether every call before it had been answered. */
  readonly isAlone: boolean;
}

/** The calls that pass from `watch` until `end`. */
export interface Watch {
  readonly calls: readonly SeamCall[];
  readonly struck: boolean;
  end(): void;
}

export interface Routes {
  /** The gateway of the stack, which has the database under `/rest/v1`. */
  readonly apiUrl: string;
  readonly stripeUrl: string;
}

export interface SeamProxy {
  /** What the functions take for both Supabase and Stripe. */
  readonly url: string;
  /** Seconds by which Stripe's clock is ahead of the functions'. */
  ahead: number;
  route(routes: Routes): void;
  /** Counts the calls from now on, and kills at one of them. One watch at a time. */
  watch(strike?: Strike): Watch;
  close(): Promise<void>;
}

interface Running extends Watch {
  readonly calls: SeamCall[];
  open: number;
  readonly strike: Strike | undefined;
  struck: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Stands between the functions and everything outside of them; a call is one request, tried again or not. */
export async function startSeamProxy(): Promise<SeamProxy> {
  const agent = new Agent({ keepAlive: true });
  let routes: Routes | undefined;
  let running: Running | undefined;

  const forward = async (incoming: IncomingMessage, body: Buffer): Promise<Answer> => {
    if (routes === undefined) throw new Error("the proxy leads nowhere yet");
    const path = incoming.url ?? "/";
    const isDatabase = path.startsWith("/rest/");
    const target = new URL(
      isDatabase ? path : shiftedCreation(path, proxy.ahead),
      isDatabase ? routes.apiUrl : routes.stripeUrl,
    );
    const outgoing = httpRequest(target, {
      agent,
      method: incoming.method,
      headers: { ...incoming.headers, host: target.host },
    });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve).once("error", reject).end(body);
    });
    const answered = await buffer(response);
    return {
      status: response.statusCode ?? 502,
      headers: response.headers,
      body: isDatabase ? answered : unshiftedCreation(path, answered, proxy.ahead),
    };
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const watch = running;
    const strike = note(watch, seamName(incoming.method ?? "GET", incoming.url ?? "/"));
    if (strike?.moment === "before") {
      await strike.kill();
      response.destroy();
      return;
    }
    const answer = await forward(incoming, body);
    if (strike !== undefined) {
      await strike.kill();
      response.destroy();
      return;
    }
    if (watch !== undefined) watch.open -= 1;
    const {
      connection: _connection,
      "transfer-encoding": _encoding,
      "content-length": _length,
      ...headers
    } = answer.headers;
    response.writeHead(answer.status, headers).end(answer.body);
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for the proxy");

  const proxy: SeamProxy = {
    url: `http://127.0.0.1:${address.port}`,
    ahead: 0,
    route: (given) => {
      routes = given;
    },
    watch: (strike) => {
      const watch: Running = {
        calls: [],
        open: 0,
        strike,
        struck: false,
        end: () => {
          if (running === watch) running = undefined;
        },
      };
      running = watch;
      return watch;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
  return proxy;
}

/** Counts a call; answers the strike when this is the call to die at. */
function note(watch: Running | undefined, name: string): Strike | undefined {
  if (watch === undefined || watch.struck) return undefined;
  watch.calls.push({ name, isAlone: watch.open === 0 });
  watch.open += 1;
  if (watch.strike?.call !== watch.calls.length) return undefined;
  watch.struck = true;
  return watch.strike;
}
