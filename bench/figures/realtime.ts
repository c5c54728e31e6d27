import { atMost, type Figure, type Row } from "../figure.ts";
import { arrivals } from "../load/arrivals.ts";
import { post, send } from "../load/load.ts";
import { callCounts, inWords } from "../market/call-counts.ts";
import { delivery, newestEvents } from "../market/events.ts";
import { listenTo } from "../market/listener.ts";
import { untold } from "../market/quiet.ts";
import { sharedRun } from "../market/shared-run.ts";
import { median, percentile } from "../statistics.ts";

/** Payments of one measurement. */
const PAYMENTS = 12;
/** Of those that come at a steady rate. */
const ARRIVALS = 40;

/** From Stripe's webhook to the message that ends the customer's wait. */
export const realtime: Figure = {
  name: "realtime",
  title: "From a webhook to the browser's Realtime message",
  unit: "ms",
  yardstick:
    "the sum of its parts: a bare handler that verifies the event and makes as many calls in a row, each the least of its kind or the same of Stripe, and a `realtime.send` on its way to the browser",
  rounds: 3,
  async open(ground) {
    const { stack, shop, database, functionUrl, handler } = await ground.market();
    const bare = await handler("calls-in-a-row");
    const same = await handler("same-calls");
    const webhook = await functionUrl("stripe-webhook");
    const { webhookSecret } = stack.info;
    const { price } = await shop.one<{ price: string }>(
      "select stripe_price_id as price from billing.product_prices where id = $1",
      [shop.pro.priceId],
    );

    /** A session that is paid and that no webhook has told of, listened to. */
    const paid = async () => {
      const session = await shop.create();
      const listener = await listenTo(stack.info, session.realtime);
      await shop.payInBrowser(session);
      const [event] = await newestEvents(shop.stripe, "payment_intent.succeeded", 1);
      if (event === undefined || !JSON.stringify(event).includes(session.paymentIntentId ?? "")) {
        throw new Error("Stripe's newest payment is another");
      }
      return { session, listener, event };
    };

    type Paid = Awaited<ReturnType<typeof paid>>;
    /** Milliseconds from when it was due until the browser is told. */
    const deliver = async ({ listener, event }: Paid, due = performance.now()) => {
      const answered = send(delivery(webhook, event, webhookSecret));
      const came = await listener.until(({ status }) => status === "succeeded");
      await answered;
      await listener.close();
      return came - due;
    };
    const told = () => untold(shop, async () => deliver(await paid()));

    const counts = await callCounts(stack, "stripe-webhook", told);
    const query = `database=${counts.database}&stripe=${counts.stripe}`;
    const least = ({ session: { id, paymentIntentId } }: Paid) =>
      `${bare.url}/?${query}&session=${id}&read=${paymentIntentId}`;
    const equal = ({ session: { id, paymentIntentId } }: Paid) =>
      `${same.url}/?of=news&session=${id}&intent=${paymentIntentId}&price=${price}`;

    const parts = (urlOf: (one: Paid) => string) => () =>
      untold(shop, async () => {
        const one = await paid();
        const { session, listener, event } = one;
        const { body = "{}", headers } = delivery(webhook, event, webhookSecret);
        const asked = performance.now();
        await send(post(urlOf(one), body, headers));
        const handled = performance.now() - asked;
        const sent = performance.now();
        await database.query(
          "select realtime.send(jsonb_build_object('sent', true), $1, $2, true)",
          [session.realtime.event, session.realtime.topic],
        );
        const came = await listener.until(({ sent: isSent }) => isSent === true);
        await listener.close();
        return handled + came - sent;
      });
    const several = (one: () => Promise<number>) =>
      sharedRun(async () => {
        const times: number[] = [];
        for (let made = 0; made < (ground.brief ? 2 : PAYMENTS); made += 1) times.push(await one());
        return times;
      });
    /** By the clock, half as often as one could follow the other. */
    const steadily = sharedRun(async () => {
      const perSecond = 500 / median([await told(), await told(), await told()]);
      const times = await untold(shop, async () => {
        const waiting: Paid[] = [];
        for (let made = 0; made < (ground.brief ? 2 : ARRIVALS); made += 1) {
          waiting.push(await paid());
        }
        return arrivals(waiting, perSecond, deliver);
      });
      return { perSecond, times };
    });
    const leastParts = parts(least);
    const sameParts = parts(equal);
    await leastParts();
    await sameParts();
    const ours = several(told);
    const p50 = ours("p50", (times) => percentile(times, 50));
    const p99 = ours("p99", (times) => percentile(times, 99));
    const beside = several(leastParts);
    const besideSame = several(sameParts)("p50", (times) => percentile(times, 50));
    const rows: Row[] = [
      {
        name: "p50",
        measure: p50,
        yardstick: beside("p50", (times) => percentile(times, 50)),
        target: atMost(1.5),
      },
      {
        name: "p50, same calls of Stripe",
        measure: p50,
        yardstick: besideSame,
        target: atMost(1.5),
      },
      { name: "p99", measure: p99, yardstick: beside("p99", (times) => percentile(times, 99)) },
      {
        name: "steady rate",
        unit: "events/s",
        measure: steadily("rate", ({ perSecond }) => perSecond),
      },
      {
        name: "p99 at the steady rate",
        measure: steadily("p99", ({ times }) => percentile(times, 99)),
      },
    ];
    return {
      rows,
      notes: () => Promise.resolve([`The webhook that fulfills makes ${inWords(counts)}.`]),
      close: async () => {
        await bare.stop();
        await same.stop();
      },
    };
  },
};
