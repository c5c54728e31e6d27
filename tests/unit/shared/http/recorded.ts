import * as z from "zod";
import { createLogger } from "../../../../shared/runtime/log.ts";
import { type Route } from "../../../../shared/http/routes.ts";
import { serve, type ServeOptions } from "../../../../shared/http/serve.ts";

/** A function's outside around some routes, with what it logs. */
export function recorded(
  routes: readonly Route[],
  allowedOrigins: readonly string[] = [],
  more: Partial<ServeOptions> = {},
) {
  const written: string[] = [];
  const log = createLogger((line) => written.push(line));
  const handle = serve(routes, { log, allowedOrigins, ...more });
  return {
    written,
    lines: () => written.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line))),
    send: (path: string, init?: RequestInit) =>
      handle(new Request(new URL(path, "http://localhost/"), init)),
  };
}

export const hello: Route = {
  method: "GET",
  path: "/hello/:name",
  handle: ({ params }) => Promise.resolve(Response.json({ hello: params["name"] })),
};

/** A route that fails. */
export const failing = (thrown: unknown, path = "/fail/:clientSecret"): Route => ({
  method: "POST",
  path,
  handle: () => Promise.reject(thrown),
});
