import { afterAll } from "vitest";
import { stack } from "./stack.ts";
import { expectStripesContract } from "./stripe-contract.ts";

// Whatever a test file made the functions say to Stripe, and Stripe to them, is checked when it ends.
afterAll(async () => {
  await expectStripesContract(stack().stripeAdminUrl);
});
