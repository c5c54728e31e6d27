import { causeText } from "../../shared/runtime/cause.ts";
import { idOf } from "../../shared/stripe/ids.ts";
import { type Gathered, type Person, whoIs } from "./gather.ts";
import { isOfOne, look, type Site } from "./look.ts";

/** Whose subscriptions Stripe has those of a person as whose rows name no customer there. */
export interface Billed {
  readonly person: Person;
  /** Undefined where they could not be read. */
  readonly customers: ReadonlySet<string> | undefined;
}

/** Who that person is at Stripe, or why they stay behind. */
export type Told =
  | { readonly stripeCustomerId: string }
  | { readonly reason: "stripe_customer_twice" | "failed" };

/**
 * Asks Stripe about everybody whose rows do not say who they are there, before anybody comes over: what is told of one may be
 * told of another as well. By external id; nothing is told of whoever is missing in it.
 */
export async function askWho(
  site: Site,
  { people, named }: Pick<Gathered, "people" | "named">,
): Promise<ReadonlyMap<string, Told>> {
  const billed: Billed[] = [];
  for (const person of people) {
    if (person.stripeCustomerId !== null || person.subscriptions.length === 0) continue;
    billed.push({ person, customers: await customersOf(site, person) });
  }
  return told(billed, named);
}

async function customersOf(site: Site, person: Person): Promise<Billed["customers"]> {
  try {
    const seen = await Promise.all(person.subscriptions.map((held) => look(site, held)));
    return new Set(
      seen.flatMap(({ atStripe }) => atStripe === undefined ? [] : [idOf(atStripe.customer)]),
    );
  } catch (error) {
    if (!isOfOne(error)) throw error;
    site.ports.log.error("not read", { row: person.ids.join(" "), cause: causeText(error) });
    return undefined;
  }
}

/**
 * Of two answers none is picked. One customer counts whom nobody else's row names; who share one stay behind, all of them; and
 * while one person's cannot be read, nobody knows whether it is another's as well.
 */
export function told(
  billed: readonly Billed[],
  named: Gathered["named"],
): ReadonlyMap<string, Told> {
  const sharers = new Map<string, number>();
  for (const customer of billed.flatMap(({ customers }) => [...customers ?? []])) {
    sharers.set(customer, (sharers.get(customer) ?? 0) + 1);
  }
  const isSure = billed.every(({ customers }) => customers !== undefined);
  const all = new Map<string, Told>();
  for (const { person: { externalId, ids: [id = ""] }, customers } of billed) {
    const [one, another] = customers ?? [];
    const isAnothers = one !== undefined &&
      [...named.get(one) ?? []].some((who) => who !== whoIs(id, externalId));
    if (customers === undefined) all.set(externalId, { reason: "failed" });
    else if (one === undefined || another !== undefined || isAnothers) continue;
    else if ((sharers.get(one) ?? 0) > 1) all.set(externalId, { reason: "stripe_customer_twice" });
    else all.set(externalId, isSure ? { stripeCustomerId: one } : { reason: "failed" });
  }
  return all;
}
