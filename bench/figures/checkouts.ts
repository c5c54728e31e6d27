import { atMost, type Figure } from "../figure.ts";
import { arrivals } from "../load/arrivals.ts";
import { listenTo } from "../market/listener.ts";
import { lostOf } from "../market/lost.ts";
import { sharedRun } from "../market/shared-run.ts";
import { number } from "../report/words.ts";
import { percentile } from "../statistics.ts";

/** Milliseconds that Stripe takes for each answer. */
const STRIPE = 150;
/** Customers who each buy, and come again as somebody else: more than two cores carry. */
const CUSTOMERS = 16;
/** Of what was carried, the share that comes at a steady rate. */
const SHARE = 0.5;

/** How many whole checkouts this machine brings to their end, where Stripe takes as long as it does, and how long one waits at half of that. */
export const checkouts: Figure = {
  name: "checkouts",
  title: `Whole checkouts, Stripe at ${STRIPE} ms`,
  unit: "checkouts/s",
  yardstick: "none: what the machine does, and whether anything is lost",
  rounds: 1,
  async open(ground) {
    const { stack, shop, database } = await ground.market();
    const milliseconds = ground.brief ? 1_000 : 60_000;
    const paid: string[] = [];

    /** Everything with a slow Stripe, and then until the last webhook has come in. */
    const slowly = async <Outcome>(work: () => Promise<Outcome>): Promise<Outcome> => {
      await shop.admin("POST", "/faults", { kind: "latency", ms: STRIPE, count: null });
      try {
        return await work();
      } finally {
        await shop.admin("DELETE", "/faults");
        await shop.idle();
      }
    };
    const create = (token: string) => shop.client.create(token, { priceId: shop.pro.priceId });
    const pay = async (session: Awaited<ReturnType<typeof create>>) => {
      const { status } = await shop.pay(session);
      if (status !== "active") throw new Error(`a payment of a good card came to ${status}`);
      paid.push(session.id);
    };

    /** As many as can be: who comes next waits until the one before is done. */
    const all = async () => {
      const creates: number[] = [];
      const begun = performance.now();
      const until = begun + milliseconds;
      const buy = async () => {
        while (performance.now() < until) {
          const token = await shop.token();
          const asked = performance.now();
          const session = await create(token);
          creates.push(performance.now() - asked);
          await pay(session);
        }
      };
      await Promise.all(Array.from({ length: CUSTOMERS }, buy));
      return { creates, rate: creates.length / ((performance.now() - begun) / 1000) };
    };

    /** By the clock, each listening as a browser does before it pays. */
    const steady = async (perSecond: number) => {
      const count = Math.max(1, Math.round(perSecond * milliseconds / 1000));
      // The merchant's server has issued them before the customer presses anything.
      const tokens = await Promise.all(Array.from({ length: count }, () => shop.token()));
      return arrivals(tokens, perSecond, async (token, due) => {
        const session = await create(token);
        const created = performance.now() - due;
        const listener = await listenTo(stack.info, session.realtime);
        const pressed = performance.now();
        const came = listener.until(({ status }) => status === "succeeded");
        await pay(session);
        const told = await came - pressed;
        await listener.close();
        return { created, told };
      });
    };

    const run = async () => {
      const { creates, rate } = await slowly(all);
      const perSecond = rate * SHARE;
      const customers = await slowly(() => steady(perSecond));
      return {
        rate,
        creates,
        perSecond,
        created: customers.map(({ created }) => created),
        told: customers.map(({ told }) => told),
        lost: await lostOf(database, shop.stripe, paid),
      };
    };
    const row = sharedRun(run);
    const inMs = (
      name: string,
      times: "creates" | "created" | "told",
      hundredths: number,
    ) => ({
      name,
      unit: "ms",
      measure: row(name, (outcome) => percentile(outcome[times], hundredths)),
    });
    return {
      rows: [
        {
          name: `whole checkouts, ${CUSTOMERS} customers at once`,
          measure: row("rate", ({ rate }) => rate),
        },
        inMs(`create, p99, ${CUSTOMERS} customers at once`, "creates", 99),
        {
          name: "steady rate, half of that",
          measure: row("per second", ({ perSecond }) => perSecond),
        },
        inMs("create, p50, at the steady rate", "created", 50),
        { ...inMs("create, p99, at the steady rate", "created", 99), target: atMost(400, "value") },
        inMs("paid to told by Realtime, p50, at the steady rate", "told", 50),
        inMs("paid to told by Realtime, p99, at the steady rate", "told", 99),
        {
          name: "lost",
          unit: "checkouts",
          measure: row("lost", ({ lost }) => lost),
          target: atMost(0, "value"),
        },
      ],
      notes: () =>
        Promise.resolve([
          `${number(milliseconds / 1000)} seconds each; ${
            number(paid.length)
          } were paid. Lost is one without exactly one live subscription here and at Stripe, its grants and its end.`,
        ]),
    };
  },
};
