import type { IncomingMessage } from "node:http";
import { malformed } from "../core/errors.ts";

const MOST_BYTES = 1024 * 1024;

/** The body as text; refuses one that is larger than any Stripe call needs. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) throw new TypeError("a request body is read as bytes");
    size += part.length;
    if (size > MOST_BYTES) throw malformed("Request body too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
