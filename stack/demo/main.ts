// `npm start`: prints where the example's page is, boots the stack, runs one checkout before your eyes, prints what a developer and
// an operator need, and serves until Ctrl-C, with one line for each request and each event. With --once it leaves after the
// checkout: exit code 0 when the subscription is active with its features.
import { parseArgs } from "node:util";
import { startCron } from "../cron.ts";
import { startStack } from "../index.ts";
import { operatorEnvironment, writeOperatorFile } from "../operator-env.ts";
import { untilSignal } from "../process/signals.ts";
import { readable } from "../readable-log.ts";
import type { Stack } from "../types.ts";
import { runCheckout } from "./checkout.ts";

const { values } = parseArgs({ options: { once: { type: "boolean", default: false } } });
const started = performance.now();
const say = (text: string) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
  console.log(`${seconds} s  ${text}`);
};

const signal = untilSignal();
let stack: Stack | undefined;
let cron: { stop(): void } | undefined;
// From the details on: while the checkout runs, its own steps are what is to be read.
let serving = false;
try {
  stack = await startStack({
    env: process.env,
    onExample: (url) => {
      if (!values.once) console.log(`Open ${url}\n`);
      console.log("Starting the stack");
    },
    onProgress: (part, ms) => say(`${part.padEnd(10)} ready (${ms} ms)`),
    onLine: (line) => {
      const text = serving ? readable(line) : undefined;
      if (text !== undefined) console.log(text);
    },
  });
  console.log("\nOne checkout");
  // A signal in the midst of it ends the run, not the wait for it.
  await Promise.race([runCheckout(stack.info, say), signal]);
  if (!values.once) {
    // Has the page built by now, so that whoever opens it does not wait; they are told where it cannot be.
    void fetch(stack.info.exampleUrl ?? "").catch(() => undefined);
    printDetails(stack);
    printOperator(stack, await writeOperatorFile(stack));
    serving = true;
    cron = startCron(stack.info);
    await signal;
  }
} catch (error) {
  console.error(`\nfailed: ${error instanceof Error ? error.message : String(error)}`);
  for (const { part, line } of stack?.logs.tail(20) ?? []) console.error(`  ${part}: ${line}`);
  process.exitCode = 1;
} finally {
  cron?.stop();
  await stack?.stop();
}
// Not by itself: realtime-js holds a timer for ten seconds after it has disconnected.
process.exit();

function printDetails({ info, stripeAdminUrl }: Stack): void {
  const rows: [string, string][] = [
    ["example", info.exampleUrl ?? ""],
    ["API", info.apiUrl],
    ["functions", info.functionsUrl],
    ["database", info.databaseUrl],
    ["Stripe", info.stripeUrl],
    ...(stripeAdminUrl === undefined
      ? []
      : [["Stripe admin", stripeAdminUrl]] as [string, string][]),
    ["publishable key", info.publishableKey],
    ["secret key", info.secretKey],
    ["organization key", info.organizationKey],
    ...Object.entries(info.prices).map(([name, id]): [string, string] => [`price ${name}`, id]),
  ];
  console.log("\nServing until Ctrl-C");
  for (const [name, value] of rows) console.log(`  ${name.padEnd(17)} ${value}`);
}

function printOperator(running: Stack, file: string): void {
  const { DATABASE_URL = "", CHECKOUT_DIGEST_KEY = "" } = operatorEnvironment(running);
  console.log(`
For an operator's commands (npm run doctor, keys, events, grants, customers) in another terminal
  export DATABASE_URL='${DATABASE_URL}'
  export CHECKOUT_DIGEST_KEY='${CHECKOUT_DIGEST_KEY}'
  or all that the functions have: set -a; . '${file}'; set +a
  npm run doctor -- --local

Requests, events, and what else the functions say (all of it: ${running.logs.file})`);
}
