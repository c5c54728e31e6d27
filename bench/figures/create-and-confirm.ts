import { randomUUID } from "node:crypto";
import { atMost, type Figure } from "../figure.ts";
import { type Ask, latencies, post } from "../load/load.ts";
import { type CallCounts, callCounts, inWords } from "../market/call-counts.ts";
import { median } from "../statistics.ts";

/** Calls of one measurement. */
const CALLS = 10;

/** What a customer waits for, with a Stripe that answers at once. */
export const createAndConfirm: Figure = {
  name: "create-and-confirm",
  title: "Create and confirm, one after the other, Stripe without latency",
  unit: "ms, p50",
  yardstick:
    "a bare Deno handler that makes as many calls in a row: each the least of its kind, or the same of Stripe and the least of the database",
  rounds: 5,
  async open(ground) {
    const { stack, shop, functionUrl, handler } = await ground.market();
    const calls = ground.brief ? 2 : CALLS;
    const bare = await handler("calls-in-a-row");
    const createUrl = await functionUrl("checkout-create");
    const confirmUrl = await functionUrl("checkout-confirm");
    const same = await handler("same-calls");
    const known = await shop.create();
    const { price } = await shop.one<{ price: string }>(
      "select stripe_price_id as price from billing.product_prices where id = $1",
      [shop.pro.priceId],
    );

    const creates = (count: number): Promise<readonly Ask[]> =>
      Promise.all(
        Array.from({ length: count }, async () =>
          post(createUrl, JSON.stringify({ priceId: shop.pro.priceId }), {
            authorization: `Bearer ${await shop.token(randomUUID())}`,
          })),
      );
    const confirms = async (count: number): Promise<readonly Ask[]> => {
      const sessions = await Promise.all(Array.from({ length: count }, () => shop.create()));
      await shop.idle();
      return sessions.map(({ clientSecret }) =>
        post(confirmUrl, JSON.stringify({ clientSecret, paymentMethodId: "pm_card_visa" }))
      );
    };
    const inARow = ({ database, stripe }: CallCounts): Ask =>
      post(`${bare.url}/?database=${database}&stripe=${stripe}&session=${known.id}`, "{}");
    const sameCreate = post(`${same.url}/?of=create&session=${known.id}`, "{}");
    const sameConfirms = async (count: number): Promise<readonly Ask[]> => {
      const intents = await Promise.all(
        Array.from({ length: count }, () =>
          shop.stripe.paymentIntents.create({
            amount: 2900,
            currency: "usd",
            automatic_payment_methods: { enabled: true, allow_redirects: "never" },
            setup_future_usage: "off_session",
          })),
      );
      await shop.idle();
      return intents.map(({ id }) =>
        post(`${same.url}/?of=confirm&session=${known.id}&price=${price}&intent=${id}`, "{}")
      );
    };

    /** One after the other, each once Stripe has told all there was to tell of the one before. */
    const p50 = async (asks: readonly Ask[]): Promise<number> => {
      const times: number[] = [];
      for (const ask of asks) {
        times.push(...await latencies({ requests: [ask], connections: 1 }));
        await shop.idle();
      }
      return median(times);
    };
    const counted = async (slug: string, asks: readonly Ask[]) =>
      callCounts(stack, slug, () => p50(asks));
    const created = await counted("checkout-create", await creates(1));
    const confirmed = await counted("checkout-confirm", await confirms(1));
    await p50([inARow(created), inARow(confirmed), ...await creates(3), ...await confirms(3)]);
    await p50([sameCreate, ...await sameConfirms(3)]);
    const repeated = (ask: Ask) => () => p50(Array.from({ length: calls }, () => ask));
    const createP50 = async () => p50(await creates(calls));
    const confirmP50 = async () => p50(await confirms(calls));
    const target = atMost(1.3);
    return {
      rows: [
        { name: "create", measure: createP50, yardstick: repeated(inARow(created)), target },
        {
          name: "create, same calls of Stripe",
          measure: createP50,
          yardstick: repeated(sameCreate),
          target,
        },
        { name: "confirm", measure: confirmP50, yardstick: repeated(inARow(confirmed)), target },
        {
          name: "confirm, same calls of Stripe",
          measure: confirmP50,
          yardstick: async () => p50(await sameConfirms(calls)),
          target,
        },
      ],
      notes: () =>
        Promise.resolve([
          `A create makes ${inWords(created)}, a confirm that pays and fulfills ${
            inWords(confirmed)
          }.`,
        ]),
      close: async () => {
        await bare.stop();
        await same.stop();
      },
    };
  },
};
