import type { AsyncLocalStorage } from "node:async_hooks";
import type { LogFields } from "../runtime/log.ts";

/** Whom a function asks. */
export type Dependency = "database" | "stripe";

/** One HTTP request to a dependency; a retry is another one. */
export interface DependencyCall {
  readonly dependency: Dependency;
  readonly method: string;
  /** As it was called. Its query may hold an e-mail address. */
  readonly url: string;
  /** By `performance.now()`, in milliseconds; ended when the answer's headers had come. */
  readonly begun: number;
  readonly ended: number;
  /** Undefined where no answer came. */
  readonly status?: number;
  /** The name of what was thrown in the place of an answer. */
  readonly failure?: string;
}

/** The calls that one request has led to. */
export interface CallRecord {
  add(call: DependencyCall): void;
  /** How many calls there were of each dependency, and for how many milliseconds; calls at once count each. */
  totals(): LogFields;
  /** Oldest first; none where they are only counted. */
  readonly kept: readonly DependencyCall[];
}

/** A run of reconcile makes thousands; what it spends is in the totals. */
const MAX_KEPT = 100;

/** @param keep whether the calls are kept one by one, and not counted alone */
export function callRecord(keep: boolean): CallRecord {
  const kept: DependencyCall[] = [];
  const spent = {
    database: { calls: 0, milliseconds: 0 },
    stripe: { calls: 0, milliseconds: 0 },
  };
  return {
    add(call) {
      const { [call.dependency]: total } = spent;
      total.calls += 1;
      total.milliseconds += call.ended - call.begun;
      if (keep && kept.length < MAX_KEPT) kept.push(call);
    },
    totals: () => ({
      databaseCalls: spent.database.calls,
      databaseMilliseconds: Math.round(spent.database.milliseconds),
      stripeCalls: spent.stripe.calls,
      stripeMilliseconds: Math.round(spent.stripe.milliseconds),
    }),
    kept,
  };
}

/**
 * Which request a call belongs to. Clients are made once for all requests of an isolate, which are answered at the same time: what
 * a request awaits is known by the runtime alone (https://docs.deno.com/api/node/async_hooks/~/AsyncLocalStorage). Loading that takes
 * a tenth of a cold start, so it waits for a second request at the same time. Until then every call belongs to the one that is `alone`.
 */
let current: AsyncLocalStorage<CallRecord> | undefined;
let alone: CallRecord | undefined;

/** Runs the work of a request; calls of dependencies within it are added to the record. */
export async function recording<Result>(
  record: CallRecord,
  work: () => Promise<Result>,
): Promise<Result> {
  if (current === undefined && alone === undefined) {
    alone = record;
    try {
      return await work();
    } finally {
      alone = undefined;
    }
  }
  const { AsyncLocalStorage } = await import("node:async_hooks");
  current ??= new AsyncLocalStorage();
  return current.run(record, work);
}

/** `fetch` for the client of a dependency, whose calls are counted for the request that makes them. */
export function measuredFetch(dependency: Dependency): typeof fetch {
  return async (input, init) => {
    const record = current?.getStore() ?? alone;
    if (record === undefined) return fetch(input, init);
    const asked = input instanceof Request ? input : { url: input.toString(), method: "GET" };
    const call = {
      dependency,
      method: init?.method ?? asked.method,
      url: asked.url,
      begun: performance.now(),
    };
    try {
      const response = await fetch(input, init);
      record.add({ ...call, ended: performance.now(), status: response.status });
      return response;
    } catch (error) {
      const failure = error instanceof Error ? error.name : typeof error;
      record.add({ ...call, ended: performance.now(), failure });
      throw error;
    }
  };
}
