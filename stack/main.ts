// `npm run stack`: starts the stack and serves until Ctrl-C or SIGTERM. With --json the one line on
// standard output is the JSON of StackInfo, printed when all is ready; progress goes to standard error.
import { parseArgs } from "node:util";
import { startCron } from "./cron.ts";
import { startStack } from "./index.ts";
import { writeOperatorFile } from "./operator-env.ts";
import { untilSignal } from "./process/signals.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    "api-port": { type: "string", default: process.env["STACK_API_PORT"] ?? "" },
    "database-port": { type: "string", default: process.env["STACK_DATABASE_PORT"] ?? "" },
    "stripe-port": { type: "string", default: process.env["STACK_STRIPE_PORT"] ?? "" },
    "example-port": { type: "string", default: process.env["STACK_EXAMPLE_PORT"] ?? "" },
    "stripe-admin-port": { type: "string", default: process.env["STACK_STRIPE_ADMIN_PORT"] ?? "" },
  },
});

const signal = untilSignal();
try {
  const stack = await startStack({
    env: process.env,
    ports: {
      ...fixed("api", values["api-port"]),
      ...fixed("database", values["database-port"]),
      ...fixed("example", values["example-port"]),
      ...fixed("stripe", values["stripe-port"]),
      ...fixed("stripeAdmin", values["stripe-admin-port"]),
    },
    onProgress: (part, ms) => console.error(`${part.padEnd(12)} ready after ${ms} ms`),
  });
  await writeOperatorFile(stack);
  console.log(JSON.stringify(stack.info, null, values.json ? 0 : 2));
  const cron = startCron(stack.info);
  await signal;
  cron.stop();
  await stack.stop();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function fixed(name: string, value: string): Record<string, number> {
  if (value === "") return {};
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new Error(`the port for ${name} must be a number from 1 to 65535, not "${value}"`);
  }
  return { [name]: number };
}
