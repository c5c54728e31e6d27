import type { IncomingMessage } from "node:http";

/**
 * Whether a request is one that the example's own page makes, or a program on this machine. Other pages of the same browser reach
 * 127.0.0.1 too: what they send says their origin, which a browser adds to every POST and to what is read across origins
 * (https://fetch.spec.whatwg.org/#append-a-request-origin-header), and a name of theirs that leads here is no name of ours.
 */
export function isOwn({ headers, socket }: IncomingMessage): boolean {
  const { host = "", origin, "sec-fetch-site": site } = headers;
  const names = ["127.0.0.1", "localhost"].map((name) => `${name}:${socket.localPort ?? 0}`);
  if (!names.includes(host)) return false;
  // https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header: "none" is what a person typed.
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  return origin === undefined || origin === `http://${host}`;
}
