import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { decodeJwt } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";
import { projectFiles } from "../../scripts/source/project-files.ts";
import { codeOf, faults, successes } from "./fuzz/judge.ts";
import { EVENT_PREFIX, requestsFor } from "./fuzz/requests.ts";
import { openTables } from "./fuzz/tables.ts";
import { openWire, type WireAnswer, type WireRequest } from "./fuzz/wire.ts";

const shop = await openShop(stack());
const stranger = await openShop(stack());
const wire = openWire(stack().functionsUrl);
const tables = await openTables(shop);
afterAll(async () => {
  wire.close();
  await tables.sweep(EVENT_PREFIX);
  await Promise.all([shop.close(), stranger.close()]);
});

const user = randomUUID();
const [token, strangersToken, spare, paid] = await Promise.all([
  shop.token(user),
  stranger.token(),
  Promise.all([shop.token(), shop.token(), stranger.token()]),
  shop.create(),
]);
await shop.pay(paid);
const open = await Promise.all([shop.create(), shop.create(), stranger.create()]);
// The first token's own, one of them paid: what it cancels is no other test's.
const own = await Promise.all([
  shop.create({ user }),
  shop.create({ user }),
  shop.create({ user }),
]);
await shop.pay(own[0]);
const requests = requestsFor({
  priceIds: [shop.pro.priceId, shop.team.priceId, stranger.pro.priceId],
  clientSecrets: [paid, ...open].map(({ clientSecret }) => clientSecret),
  sessionIds: [paid, ...open].map(({ id }) => id),
  ownSessionIds: own.map(({ id }) => id),
  featureKeys: ["pro-1", "team-1"],
  tokenIds: spare.map((text) => decodeJwt(text).jti ?? ""),
  intentIds: [paid, ...open].map(({ paymentIntentId }) => paymentIntentId ?? ""),
  sessionTokens: [token, strangersToken],
  organizationKeys: [shop.organizationKey, stranger.organizationKey],
  platformKeys: [stack().publishableKey, stack().secretKey],
  webhookSecret: stack().webhookSecret,
});

/** Requests at once, and times that. */
const BATCH = 40;
const BATCHES = 4;

/**
 * Refusals that leave a trace on purpose: a card that was put to Stripe is an attempt, a limit counts the call, and an
 * event that another worker holds is about to change.
 */
const kept = new Set([
  "card_declined",
  "authentication_failed",
  "payment_failed",
  "payment_method_invalid",
  "rate_limited",
  "event_in_work",
]);
const isRefused = (answer: WireAnswer) =>
  answer.status >= 400 && answer.status < 500 && !kept.has(codeOf(answer) ?? "");

async function play(slug: string, batch: readonly WireRequest[]) {
  const answers = await Promise.all(
    batch.map(async (request) => ({ request, answer: await wire.send(request) })),
  );
  const wrong = answers.flatMap(({ request, answer }) => {
    const found = faults(slug, request, answer);
    return found.length === 0 ? [] : [{ found, request: shown(request), answer }];
  });
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong.slice(0, 5), undefined, 2));
  return answers;
}

const shown = ({ body, ...request }: WireRequest) => ({
  ...request,
  body: body === undefined ? undefined : Buffer.from(body).toString().slice(0, 2_000),
});

it("every function has its requests and its successes, also one that is new", () => {
  const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
    .map((path) => path.split("/")[2] ?? "");
  expect(slugs.length).toBeGreaterThan(6);
  expect([...requests.keys()].toSorted()).toEqual(slugs.toSorted());
  expect(Object.keys(successes).toSorted()).toEqual(slugs.toSorted());
});

describe("whatever is sent to", () => {
  it.each([...requests])("%s is answered by contract, and a refusal changes no row", async (
    slug,
    request,
  ) => {
    let refusals = 0;
    let limited = 0;
    const outcome = await fc.check(
      fc.asyncProperty(
        fc.array(request, { minLength: BATCH, maxLength: BATCH }),
        async (batch) => {
          const answers = await play(slug, batch);
          const refused = answers.filter(({ answer }) => isRefused(answer));
          refusals += refused.length;
          limited += answers.filter(({ answer }) => answer.status === 429).length;
          // Again without those that were let in, whose traces are theirs to leave.
          await shop.idle();
          const before = await tables.state();
          await play(slug, refused.map((each) => each.request));
          expect(await tables.state()).toEqual(before);
        },
      ),
      { numRuns: BATCHES, endOnFailure: true },
    );
    if (outcome.failed) {
      // Without the batch itself, which is longer than anyone reads.
      const again = `seed: ${outcome.seed}, path: "${outcome.counterexamplePath ?? ""}"`;
      throw new Error(again, { cause: outcome.errorInstance });
    }
    // Else little was looked at. About three in ten are refused where it is fewest, which is status.
    expect(refusals).toBeGreaterThan(BATCHES * BATCH / 16);
    // Else it was the limits that were tried and little behind them; the local stack's are out of the way.
    expect(limited).toBe(0);
  });
});
