import type { ErrorCode } from "../contract/error-table.ts";
import { uuid } from "../contract/primitives.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import type { TraceContext } from "../telemetry/trace-context.ts";

/** One request on its way through a handler. */
export interface Call {
  readonly request: Request;
  /** The path's named segments, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** The trace that the caller says it is part of. */
  readonly trace: TraceContext | undefined;
  readonly log: Logger;
}

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Segments with `:name` for a parameter: `/checkout-status/:sessionId`. */
  readonly path: string;
  readonly handle: (call: Call) => Promise<Response>;
}

/** The UUID that a path names; throws `missing` for what is none, as for one that is not there. */
export function pathId(params: Call["params"], name: string, missing: ErrorCode): string {
  const id = uuid.safeParse(params[name]);
  if (!id.success) throw new CheckoutError(missing);
  return id.data;
}

/** The parameters of a path that fits the pattern, else undefined. */
export function matchPath(
  pattern: string,
  pathname: string,
): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split("/");
  const given = pathname.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!segment.startsWith(":")) {
      if (segment !== value) return undefined;
      continue;
    }
    try {
      params[segment.slice(1)] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return params;
}
