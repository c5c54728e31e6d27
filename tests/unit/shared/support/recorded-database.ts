import * as z from "zod/mini";
import { checkouts } from "../../../../shared/database/checkouts.ts";
import type { Call } from "../../../../shared/database/client.ts";
import { createLogger } from "../../../../shared/runtime/log.ts";

/** One SQL function as it was called. */
export interface Called {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The typed calls over a database whose functions answer from their arguments, each checked by its schema. */
export function recordedCheckouts(
  answers: Readonly<Record<string, (args: Called["args"]) => unknown>>,
) {
  const called: Called[] = [];
  const call: Call = (name, args, schema) => {
    const given = Object.fromEntries(Object.entries(args));
    called.push({ name, args: given });
    const reply = answers[name];
    if (reply === undefined) throw new Error(`nothing answers ${name}`);
    return Promise.resolve(z.parse(schema, reply(given)));
  };
  return { checkouts: checkouts(call), called, names: () => called.map(({ name }) => name) };
}

/** A logger whose lines are kept. */
export function recordedLog() {
  const lines: string[] = [];
  return { log: createLogger((line) => lines.push(line)), lines };
}
