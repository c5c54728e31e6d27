import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Stack } from "../../stack/index.ts";

export interface CallCounts {
  readonly database: number;
  readonly stripe: number;
}

const requestLine = z.object({
  message: z.literal("request"),
  status: z.number().min(200).max(299),
  databaseCalls: z.number(),
  stripeCalls: z.number(),
});

/** How many calls a function makes for the one request that the act sends it, as its own log says. */
export async function callCounts(
  { logs }: Pick<Stack, "logs">,
  slug: string,
  act: () => Promise<unknown>,
): Promise<CallCounts> {
  const counted: CallCounts[] = [];
  const end = logs.watch(({ part, line }) => {
    if (part !== `function:${slug}` || !line.startsWith("{")) return;
    const read = requestLine.safeParse(JSON.parse(line));
    if (read.success) {
      counted.push({ database: read.data.databaseCalls, stripe: read.data.stripeCalls });
    }
  });
  try {
    await act();
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(10)) {
      if (counted[0] !== undefined) return counted[0];
    }
    throw new Error(`${slug} has not said what it called`);
  } finally {
    end();
  }
}

export const inWords = ({ database, stripe }: CallCounts): string =>
  `${database} calls of the database and ${stripe} of Stripe`;
