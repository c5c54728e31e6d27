import {
  type DatabaseFacts,
  type DeepHealthResponse,
  type DependencyHealth,
  healthRequest,
  type HealthResponse,
} from "../../../shared/contract/health.ts";
import type { ReadHealth } from "../../../shared/database/health.ts";
import { readQuery } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { causeText } from "../../../shared/runtime/cause.ts";
import type { Digest } from "../../../shared/runtime/digest.ts";
import type { StripeProbe } from "../../../shared/stripe/probe.ts";
import { projectKeyOf } from "../../../shared/tokens/caller.ts";

export interface HealthDependencies {
  readonly allowedOrigins: readonly string[];
  readonly digest: Digest;
  readonly lateProbe: () => Promise<StripeProbe>;
  readonly livemode: boolean;
  /** Unix seconds. */
  readonly now: () => number;
  readonly readHealth: ReadHealth;
  /** The project's secret key. */
  readonly secretKey: string;
}

/**
 * `GET /health`: the function runs. With `?deep=1` and the project's secret key, also whether the database and Stripe answer it,
 * and what an operator's tools compare: modes, keys, origins, clocks, the inbox.
 */
export function healthEndpoint(dependencies: HealthDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    if (readQuery(request, healthRequest).deep !== "1") {
      const body: HealthResponse = { status: "ok" };
      return Response.json(body);
    }
    await projectKeyOf(request, dependencies.secretKey);
    const [database, stripe] = await Promise.all([
      timed(async () => dependencies.readHealth(await dependencies.digest("digest_key_check", ""))),
      timed(async () => (await dependencies.lateProbe())()),
    ]);
    for (const [dependency, { error }] of Object.entries({ database, stripe })) {
      if (error !== undefined) {
        log.error("a dependency does not answer", { dependency, cause: causeText(error) });
      }
    }
    const body = answered(dependencies, database.result ?? null, database, stripe);
    return Response.json(body, { status: body.status === "ok" ? 200 : 503 });
  };
}

interface Timed<Result> extends DependencyHealth {
  readonly result?: Result;
  readonly error?: unknown;
}

async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const begun = performance.now();
  const milliseconds = () => Math.round(performance.now() - begun);
  try {
    const result = await work();
    return { answers: true, milliseconds: milliseconds(), result };
  } catch (error) {
    return { answers: false, milliseconds: milliseconds(), error };
  }
}

const shown = ({ answers, milliseconds }: DependencyHealth) => ({ answers, milliseconds });

function answered(
  { allowedOrigins, livemode, now }: HealthDependencies,
  facts: DatabaseFacts | null,
  database: DependencyHealth,
  stripe: DependencyHealth,
): DeepHealthResponse {
  const isWell = database.answers && stripe.answers && facts?.digestKey !== "differs";
  return {
    status: isWell ? "ok" : "degraded",
    livemode,
    allowedOrigins: [...allowedOrigins],
    now: now(),
    dependencies: { database: shown(database), stripe: shown(stripe) },
    facts,
  };
}
