import type { Actor } from "../core/actor.ts";
import { StripeRefusal } from "../core/errors.ts";
import type { FormMap } from "../core/form.ts";
import { parseParams } from "../core/params.ts";
import type { Params, Shape } from "../core/params.ts";
import type { Account } from "../store/account.ts";
import type { World } from "../world.ts";

/** What a handler is given. It runs in one go, so each request is atomic. */
export interface Call<P = unknown> {
  world: World;
  account: Account;
  params: P;
  /** The `:id` parts of the path, in order. */
  ids: string[];
  actor: Actor;
  /** True when a browser calls with the publishable key. */
  publishable: boolean;
}

export interface Route {
  method: string;
  segments: readonly string[];
  publishable: boolean;
  /** Reads the parameters (throwing Stripe's refusals) and returns what carries the call out. */
  prepare(form: FormMap): (call: Omit<Call, "params">) => object;
}

export function route<const S extends Shape>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  shape: S,
  handler: (call: Call<Params<S>>) => object,
  options: { publishable?: boolean } = {},
): Route {
  return {
    method,
    segments: path.split("/"),
    publishable: options.publishable ?? false,
    prepare(form) {
      const params = parseParams(shape, form);
      return (call) => handler({ ...call, params });
    },
  };
}

export interface Found {
  route: Route;
  ids: string[];
}

export function findRoute(routes: readonly Route[], method: string, path: string): Found {
  const given = path.split("/");
  let best: Found | undefined;
  for (const candidate of routes) {
    if (candidate.method !== method || candidate.segments.length !== given.length) continue;
    const ids = match(candidate.segments, given);
    // `/customers/search` is a route of its own, not the customer called "search".
    if (ids !== undefined && (best === undefined || ids.length < best.ids.length)) {
      best = { route: candidate, ids };
    }
  }
  if (best !== undefined) return best;
  throw new StripeRefusal(404, {
    type: "invalid_request_error",
    message:
      `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  }, false);
}

function match(segments: readonly string[], given: string[]): string[] | undefined {
  const ids: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const part = given[index] ?? "";
    if (segment.startsWith(":") && part !== "") ids.push(decodeURIComponent(part));
    else if (segment !== part) return undefined;
  }
  return ids;
}
