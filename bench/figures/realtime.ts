import { atMost, type Figure, type Row } from "../figure.ts";
import { latencies, load, post } from "../load/load.ts";
import { callCounts, inWords } from "../market/call-counts.ts";
import { delivery, newestEvents } from "../market/events.ts";
import { listenTo } from "../market/listener.ts";
import { untold } from "../market/quiet.ts";
import { sharedRun } from "../market/shared-run.ts";
import { percentile } from "../statistics.ts";

/** Payments of one measurement. */
const PAYMENTS = 12;

/** From Stripe's webhook to the message that ends the customer's wait. */
export const realtime: Figure = {
  name: "realtime",
  title: "From a webhook to the browser's Realtime message",
  unit: "ms",
  yardstick:
    "the sum of its parts: a bare handler that verifies the event and makes as many calls in a row, and a `realtime.send` on its way to the browser",
  rounds: 3,
  async open(ground) {
    const { stack, shop, database, functionUrl, handler } = await ground.market();
    const bare = await handler("calls-in-a-row");
    const webhook = await functionUrl("stripe-webhook");
    const { webhookSecret } = stack.info;

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

    const told = () =>
      untold(shop, async () => {
        const { listener, event } = await paid();
        const sent = performance.now();
        const answered = load({
          requests: [delivery(webhook, event, webhookSecret)],
          connections: 1,
        });
        const came = await listener.until(({ status }) => status === "succeeded");
        await answered;
        await listener.close();
        return came - sent;
      });

    const counts = await callCounts(stack, "stripe-webhook", told);
    const query = `database=${counts.database}&stripe=${counts.stripe}`;

    const parts = () =>
      untold(shop, async () => {
        const { session, listener, event } = await paid();
        const { body = "{}", headers } = delivery(webhook, event, webhookSecret);
        const url = `${bare.url}/?${query}&session=${session.id}&read=${session.paymentIntentId}`;
        const [handled = Number.NaN] = await latencies({
          requests: [post(url, body, headers)],
          connections: 1,
        });
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
    await parts();
    const ours = several(told);
    const beside = several(parts);
    const row = (hundredths: number): Row => ({
      name: `p${hundredths}`,
      measure: ours(`p${hundredths}`, (times) => percentile(times, hundredths)),
      yardstick: beside(`p${hundredths}`, (times) => percentile(times, hundredths)),
    });
    return {
      rows: [{ ...row(50), target: atMost(1.5) }, row(99)],
      notes: () => Promise.resolve([`The webhook that fulfills makes ${inWords(counts)}.`]),
      close: () => bare.stop(),
    };
  },
};
