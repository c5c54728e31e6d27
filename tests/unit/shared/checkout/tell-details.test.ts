import { expect, it } from "vitest";
import { tellDetails } from "../../../../shared/checkout/tell-details.ts";
import type { CustomerNews } from "../../../../shared/domain/plans.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { plan, SESSION } from "../stripe/plans.ts";
import { type Answer, answer, invalid, lost, missing, recordedStripe } from "../stripe/recorded.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";

const ROW = "cus_OabcDEF";
const UPDATE = `POST /v1/customers/${ROW}`;
const READ = `GET /v1/customers/${ROW}`;
const news: CustomerNews = { revision: 2, email: "new@example.com", name: null };
const stripes = (email: string | null) =>
  answer({ id: ROW, object: "customer", email, name: null, metadata: {} });

interface Options {
  readonly known?: CustomerNews | null;
  readonly customer?: string;
  readonly more?: readonly (CustomerNews | null)[];
}

async function told(
  update: Answer,
  { known = news, customer = ROW, more = [] }: Options = {},
) {
  const { stripe, seen } = recordedStripe({ [UPDATE]: [update], [READ]: [stripes(null)] });
  const answers = [...more];
  const { checkouts, called } = recordedCheckouts({
    record_customer_told: () => answers.shift() ?? null,
  });
  const { log, lines } = recordedLog();
  const ports = { checkouts, stripe: stripeGateway(stripe), log };
  const thrown = await tellDetails(ports, {
    ...plan,
    customer: { ...plan.customer, news: known },
  }, customer).then(() => undefined, (error: unknown) => error);
  return { seen, called, lines, thrown };
}

it("nothing is asked of Stripe where there is no news, or the card is another customer's", async () => {
  for (const options of [{ known: null }, { customer: "cus_other" }]) {
    expect(await told(stripes(null), options)).toMatchObject({ seen: [], called: [] });
  }
});

it("news are told under a key that says whose and which, and then written down", async () => {
  const { seen, called } = await told(stripes(news.email));
  expect(seen).toMatchObject([{ call: UPDATE, parameters: { email: news.email } }]);
  expect(seen[0]?.key).toMatch(new RegExp(`^details:${SESSION}:${ROW}:2:`));
  expect(called).toMatchObject([{ name: "record_customer_told", args: { p_told: news } }]);
});

it("what became known meanwhile is told as well", async () => {
  const later = { ...news, revision: 3, email: "newer@example.com" };
  const { seen } = await told(stripes(news.email), { more: [later, null] });
  expect(seen.map(({ parameters }) => parameters["email"])).toEqual([news.email, later.email]);
});

it.each<[string, Answer]>([
  ["an address that Stripe does not take", invalid({ code: "email_invalid", param: "email" })],
  ["a customer whom Stripe does not have", missing("id")],
])("%s costs nobody what was paid for, and is no reason to ask again", async (_what, refused) => {
  const { thrown, called, lines } = await told(refused);
  expect(thrown).toBeUndefined();
  expect(called).toHaveLength(1);
  expect(lines.join("")).toContain("not taken");
  expect(lines.join("")).not.toContain("@example.com");
});

it("an answer that was lost is left to the next run", async () => {
  const { thrown, called } = await told(lost);
  expect(thrown).toMatchObject({ code: "stripe_unavailable" });
  expect(called).toEqual([]);
});
