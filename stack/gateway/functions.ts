import type { IncomingMessage } from "node:http";
import type { StackKeys } from "../keys.ts";
import type { Answer } from "./answer.ts";
import { verifiedRole } from "./credentials.ts";
import type { ForwardOptions } from "./forward.ts";

export interface FunctionTarget {
  /** Where it listens, once it does; undefined while it is down, and where it does not start. */
  port(): Promise<number | undefined>;
  /** `verify_jwt` of supabase/config.toml. */
  readonly verifyJwt: boolean;
}

/** The platform's words for a function that does not start, and for one that dies at work. */
const bootError = {
  status: 503,
  body: { code: "BOOT_ERROR", message: "Function failed to start (please check logs)" },
};
const workerError = {
  status: 500,
  body: { code: "WORKER_ERROR", message: "Function exited due to an error (please check logs)" },
};

/**
 * Where a request to `/functions/v1/<slug>/…` goes. The function sees `/<slug>/…`; its headers, keys
 * included, are the caller's own, since a function with `verify_jwt = false` proves its caller itself.
 */
export async function functionAt(
  request: IncomingMessage,
  url: URL,
  keys: StackKeys,
  find: ((slug: string) => FunctionTarget | undefined) | undefined,
): Promise<ForwardOptions | Answer> {
  const path = url.pathname.slice("/functions/v1".length);
  const target = find?.(path.split("/")[1] ?? "");
  if (target === undefined) {
    return {
      status: 404,
      body: { code: "NOT_FOUND", message: "Requested function was not found" },
    };
  }
  if (target.verifyJwt && request.method !== "OPTIONS") {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) {
      return { status: 401, body: { code: 401, message: "Missing authorization header" } };
    }
    if (await verifiedRole(token, keys) === undefined) {
      return { status: 401, body: { code: 401, message: "Invalid JWT" } };
    }
  }
  const port = await target.port();
  if (port === undefined) return bootError;
  return {
    upstream: { host: "127.0.0.1", port },
    path: path + url.search,
    unreachable: bootError,
    broken: workerError,
  };
}
