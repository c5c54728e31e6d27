import { Worker } from "node:worker_threads";
import * as z from "zod";

export interface Ask {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Job {
  readonly requests: readonly Ask[];
  readonly connections: number;
  /** For how long the requests are repeated in turn; each is sent once where it is left out. */
  readonly milliseconds?: number;
}

const outcome = z.object({ seconds: z.number(), latencies: z.array(z.number()) });
export type LoadOutcome = z.output<typeof outcome>;

/** Sends the requests over so many connections at once. Rejects with the first answer that is no 2xx. */
export function load(job: Job): Promise<LoadOutcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.mjs", import.meta.url), {
      workerData: job,
      execArgv: [],
    });
    worker.once("message", (message: unknown) => resolve(outcome.parse(message)));
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the load ended without an outcome")));
  });
}

/** Answers a second. */
export async function rate(job: Job): Promise<number> {
  const { seconds, latencies } = await load(job);
  return latencies.length / seconds;
}

/** Milliseconds of each request. */
export const latencies = async (job: Job): Promise<readonly number[]> =>
  (await load(job)).latencies;

/** Sends one request from here, where what counts is the moment at which it is sent: a thread takes long to start. */
export async function send({ url, ...request }: Ask): Promise<void> {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`${request.method} answered ${response.status}`);
  await response.arrayBuffer();
}

export const get = (url: string): Ask => ({ url, method: "GET", headers: {} });

export const post = (url: string, body: string, headers: Ask["headers"] = {}): Ask => ({
  url,
  method: "POST",
  headers: {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  },
  body,
});
