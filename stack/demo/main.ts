// `npm start`: boots the stack, runs one checkout before your eyes, prints what a developer needs and
// serves until Ctrl-C. With --once it leaves after the checkout: exit code 0 when the subscription is
// active with its features.
import { parseArgs } from "node:util";
import { startStack } from "../index.ts";
import { untilSignal } from "../process/signals.ts";
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
try {
  console.log("Starting the stack");
  stack = await startStack({
    env: process.env,
    onProgress: (part, ms) => say(`${part.padEnd(10)} ready (${ms} ms)`),
  });
  console.log("\nOne checkout");
  // A signal in the midst of it ends the run, not the wait for it.
  await Promise.race([runCheckout(stack.info, say), signal]);
  if (!values.once) {
    printDetails(stack);
    await signal;
  }
} catch (error) {
  console.error(`\nfailed: ${error instanceof Error ? error.message : String(error)}`);
  for (const { part, line } of stack?.logs.tail(20) ?? []) console.error(`  ${part}: ${line}`);
  process.exitCode = 1;
} finally {
  await stack?.stop();
}
// Not by itself: realtime-js holds a timer for ten seconds after it has disconnected.
process.exit();

function printDetails({ info, stripeAdminUrl }: Stack): void {
  const rows: [string, string][] = [
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
