/**
 * Runs the simulator alone: `npx tsx packages/stripe-simulator/src/main.ts [--port n] [--admin-port n]
 * [--connected acct_…]… [--seed n]`. Prints one line of JSON when it is ready, stops on SIGTERM.
 */
import { parseArgs } from "node:util";
import { startStripeSimulator } from "./index.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    "admin-port": { type: "string" },
    connected: { type: "string", multiple: true },
    seed: { type: "string" },
  },
});

const simulator = await startStripeSimulator({
  port: Number(values.port ?? 0),
  adminPort: Number(values["admin-port"] ?? 0),
  connectedAccounts: (values.connected ?? []).map((id) => ({ id })),
  ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
});
console.log(JSON.stringify(simulator));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}
