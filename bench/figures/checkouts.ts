import { atMost, type Figure } from "../figure.ts";
import { lostOf } from "../market/lost.ts";
import { sharedRun } from "../market/shared-run.ts";
import { percentile } from "../statistics.ts";

/** Milliseconds that Stripe takes for each answer. */
const STRIPE = 150;
/** Customers who each buy, and come again as somebody else. */
const CUSTOMERS = 16;

/** How many whole checkouts this machine brings to their end, where Stripe takes as long as it does. */
export const checkouts: Figure = {
  name: "checkouts",
  title: `Whole checkouts, ${CUSTOMERS} customers at once, Stripe at ${STRIPE} ms`,
  unit: "checkouts/s",
  yardstick: "none: what the machine does, and whether anything is lost",
  rounds: 1,
  async open(ground) {
    const { shop, database } = await ground.market();
    const milliseconds = ground.brief ? 1_000 : ground.large ? 60_000 : 20_000;
    const paid: string[] = [];

    const run = async () => {
      await shop.admin("POST", "/faults", { kind: "latency", ms: STRIPE, count: null });
      const creates: number[] = [];
      const begun = performance.now();
      const until = begun + milliseconds;
      const buy = async () => {
        while (performance.now() < until) {
          const token = await shop.token();
          const asked = performance.now();
          const session = await shop.client.create(token, { priceId: shop.pro.priceId });
          creates.push(performance.now() - asked);
          const { status } = await shop.pay(session);
          if (status !== "active") throw new Error(`a payment of a good card came to ${status}`);
          paid.push(session.id);
        }
      };
      try {
        await Promise.all(Array.from({ length: CUSTOMERS }, buy));
        const rate = creates.length / ((performance.now() - begun) / 1000);
        await shop.admin("DELETE", "/faults");
        // Its webhooks are still coming in.
        await shop.idle();
        return { rate, creates, lost: await lostOf(database, shop.stripe, paid) };
      } finally {
        await shop.admin("DELETE", "/faults");
      }
    };
    const row = sharedRun(run);
    return {
      rows: [
        { name: "whole checkouts", measure: row("rate", ({ rate }) => rate) },
        {
          name: "create, p99",
          unit: "ms",
          measure: row("p99", ({ creates }) => percentile(creates, 99)),
          target: atMost(400, "value"),
        },
        {
          name: "create, p50",
          unit: "ms",
          measure: row("p50", ({ creates }) => percentile(creates, 50)),
        },
        {
          name: "lost",
          unit: "checkouts",
          measure: row("lost", ({ lost }) => lost),
          target: atMost(0, "value"),
        },
      ],
      notes: () =>
        Promise.resolve([
          `${paid.length} were paid; lost is one without exactly one live subscription here and at Stripe, its grants and its end.`,
        ]),
    };
  },
};
