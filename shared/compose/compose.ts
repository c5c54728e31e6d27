import { type Call, connect } from "../database/client.ts";
import type { Route } from "../http/routes.ts";
import { serve as served } from "../http/serve.ts";
import { unixNow } from "../runtime/clock.ts";
import {
  addressHeader,
  allowedOrigins,
  databaseEnvironment,
  type EnvironmentGroup,
  type EnvironmentRecord,
  environmentRecord,
  stripeEnvironment,
} from "../runtime/environment.ts";
import { consoleLogger } from "../runtime/log.ts";
import { measuredFetch } from "../telemetry/dependency-calls.ts";
import { traceExport } from "./telemetry.ts";

/** What parts are made of: the variables that they need, and one connection to the database for all of them. */
export interface Setting {
  readonly environment: EnvironmentRecord;
  readonly call: () => Call;
}

/** What a port of a function is made of. The function reads, and may read, the variables of its parts and no other. */
export interface Part<Port> {
  readonly needs: readonly EnvironmentGroup[];
  readonly make: (setting: Setting) => Port;
}

type Parts = Readonly<Record<string, Part<unknown>>>;

/** The ports that parts make, each under its part's name. */
export type PortsOf<All extends Parts> = {
  readonly [Name in keyof All]: All[Name] extends Part<infer Port> ? Port : never;
};

/** A part that is made of variables alone. */
export const part = <Port>(
  needs: readonly EnvironmentGroup[],
  make: (environment: EnvironmentRecord) => Port,
): Part<Port> => ({ needs, make: ({ environment }) => make(environment) });

/** The typed calls of some topic, over the function's connection. */
export const database = <Rows>(rows: (call: Call) => Rows): Part<Rows> => ({
  needs: ["database"],
  make: ({ call }) => rows(call()),
});

/** Whether this deployment is for real money. */
export const livemode = part(["stripe"], (environment) => stripeEnvironment(environment).livemode);

/** Stripe's key that browsers are handed. */
export const publishableKey = part(
  ["stripe"],
  (environment) => stripeEnvironment(environment).publishableKey,
);

/** The project's secret key. */
export const secretKey = part(
  ["database"],
  (environment) => databaseEnvironment(environment).secretKey,
);

/** The pages that may call from a browser. */
export const origins = part(["browsers"], allowedOrigins);

/** Unix seconds. */
export const now = part([], () => unixNow);

/**
 * The one place where a function is put together, once per module: its ports, and how it serves its routes. Where no browser
 * calls, no origin is allowed.
 */
export function compose<All extends Parts>(
  slug: string,
  parts: All,
  { browsers = true }: { readonly browsers?: boolean } = {},
) {
  const needs = new Set(Object.values(parts).flatMap((one) => one.needs)).add("telemetry");
  if (browsers) needs.add("browsers");
  const environment = environmentRecord((name) => Deno.env.get(name), [...needs]);
  let connected: Call | undefined;
  const call = () =>
    connected ??= connect(databaseEnvironment(environment), measuredFetch("database"));
  const log = consoleLogger(slug);
  const onAnswered = traceExport(slug, environment, log);
  const options = {
    log,
    ...(onAnswered && { onAnswered }),
    allowedOrigins: browsers ? allowedOrigins(environment) : [],
    ...(needs.has("addresses") && { addresses: { header: addressHeader(environment) } }),
  };
  return {
    ports: made(parts, { environment, call }),
    serve: (routes: readonly Route[]) => ({ fetch: served(routes, options) }),
  };
}

function made<All extends Parts>(parts: All, setting: Setting): PortsOf<All>;
function made(parts: Parts, setting: Setting): object {
  return Object.fromEntries(
    Object.entries(parts).map(([name, { make }]) => [name, make(setting)]),
  );
}
