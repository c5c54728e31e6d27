import type { IncomingMessage } from "node:http";

/** Whether the server was called by a name of its own: a name of somebody else's may lead to this machine too. */
export function isOwnName({ headers: { host = "" }, socket }: IncomingMessage): boolean {
  return ["127.0.0.1", "localhost"].some((name) => host === `${name}:${socket.localPort ?? 0}`);
}

/**
 * Whether a request is one that the example's own page makes, or a program on this machine. Other pages of the same browser reach
 * 127.0.0.1 too: what they send says their origin, which a browser adds to every POST and to what is read across origins
 * (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
 */
export function isOwnPage({ headers }: IncomingMessage): boolean {
  const { host, origin, "sec-fetch-site": site } = headers;
  // https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header: "none" is what a person typed.
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  return origin === undefined || origin === `http://${host}`;
}
