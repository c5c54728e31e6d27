import { atLeast, type Figure } from "../figure.ts";
import { post, rate } from "../load/load.ts";
import { callCounts, inWords } from "../market/call-counts.ts";
import { delivery, newestEvents } from "../market/events.ts";
import { untold } from "../market/quiet.ts";

const SUBSCRIBERS = 32;
const CONNECTIONS = 16;
/** A month and what a renewal's invoice stays a draft, in seconds. */
const MONTH = 31 * 86_400 + 7_200;

/** The first of the month: each event writes invoice, subscription, grants and snapshot, and tells Realtime. */
export const renewals: Figure = {
  name: "renewals",
  title: `Renewals, ${CONNECTIONS} connections, one \`invoice.paid\` each`,
  unit: "renewals/s",
  yardstick: "a bare handler that verifies the event and makes as many calls in a row",
  rounds: 4,
  async open(ground) {
    const { stack, shop, functionUrl, handler } = await ground.market();
    const subscribers = ground.brief ? 4 : SUBSCRIBERS;
    const bare = await handler("calls-in-a-row");
    const webhook = await functionUrl("stripe-webhook");
    const { webhookSecret } = stack.info;
    const { priceId } = await shop.sell("Renewed", { amount: 900 });
    const known = await shop.create({ priceId });
    const sold: string[] = [];
    for (let bought = 0; bought < subscribers; bought += 1) {
      const session = await shop.create({ priceId });
      await shop.pay(session);
      sold.push(session.id);
    }
    await shop.idle();

    /** A month later: the events of our subscribers' paid renewals, which nobody has been told of. */
    const aMonthLater = () =>
      untold(shop, async () => {
        await shop.admin("POST", "/clock/advance", { seconds: MONTH });
        const { data: all } = await shop.stripe.subscriptions.list({ limit: 100 });
        const ours = new Set(
          all.filter(({ metadata }) => sold.includes(metadata["checkout_session_id"] ?? ""))
            .map(({ id }) => id),
        );
        const events = await newestEvents(shop.stripe, "invoice.paid", ours.size);
        return events;
      });
    const measure = async () => {
      const events = await aMonthLater();
      const before = await periods();
      const perSecond = await rate({
        requests: events.map((event) => delivery(webhook, event, webhookSecret)),
        connections: CONNECTIONS,
      });
      if (await periods() <= before) throw new Error("nothing was renewed");
      return perSecond;
    };
    const periods = async () =>
      Number(
        (await shop.one<{ sum: string }>(
          `select sum(extract(epoch from sub.current_period_end)) as sum from billing.subscriptions sub
           where sub.checkout_session_id = any ($1)`,
          [sold],
        )).sum,
      );
    const counts = await callCounts(stack, "stripe-webhook", measure);
    const query = `database=${counts.database}&stripe=${counts.stripe}&session=${known.id}`;
    const url = `${bare.url}/?${query}&read=${known.paymentIntentId}`;
    const beside = () => {
      const { body = "{}", headers } = delivery(url, { id: "evt_none" }, webhookSecret);
      return rate({
        requests: Array.from({ length: subscribers }, () => post(url, body, headers)),
        connections: CONNECTIONS,
      });
    };
    await beside();
    return {
      rows: [
        {
          name: "renewals",
          measure,
          yardstick: beside,
          target: atLeast(300, "value"),
        },
      ],
      notes: () => Promise.resolve([`Each makes ${inWords(counts)}.`]),
      close: () => bare.stop(),
    };
  },
};
