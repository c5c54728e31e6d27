import { Agent, request } from "node:http";
import { lookAt } from "../../support/openapi/answers.ts";

/** A request as it goes over the wire; unlike `fetch`, nothing is put right on the way. */
export interface WireRequest {
  readonly method: string;
  /** Below `/functions/v1`, with its leading slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body at all. */
  readonly body: Uint8Array | undefined;
  /** Whether the body goes in pieces and without its length. */
  readonly chunked: boolean;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends requests to the functions over connections that are kept. */
export function openWire(functionsUrl: string) {
  const { hostname, port, pathname } = new URL(functionsUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 24 });
  return {
    send: ({ method, path, headers, body, chunked }: WireRequest): Promise<WireAnswer> =>
      new Promise((resolve, reject) => {
        const outgoing = request({
          hostname,
          port,
          agent,
          method,
          path: pathname + path,
          headers: {
            ...headers,
            ...(body === undefined
              ? {}
              : chunked
              ? { "transfer-encoding": "chunked" }
              : { "content-length": String(body.length) }),
          },
        });
        outgoing.on("error", reject);
        outgoing.on("response", (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(parts).toString();
            const { statusCode: status = 0, headers: answered } = response;
            const id = answered["x-request-id"];
            lookAt({
              method,
              pathname: new URL(path, functionsUrl).pathname,
              status,
              requestId: typeof id === "string" ? id : null,
              text,
            });
            resolve({ status, headers: answered, text });
          });
        });
        if (body !== undefined && chunked) {
          const half = Math.floor(body.length / 2);
          outgoing.write(body.subarray(0, half));
          outgoing.write(body.subarray(half));
        } else if (body !== undefined) outgoing.write(body);
        outgoing.end();
      }),
    close: () => agent.destroy(),
  };
}
