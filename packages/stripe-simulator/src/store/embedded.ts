import { isObject } from "../core/json.ts";

/** How many entries of a list Stripe shows inside of another object. */
const SHOWN = 10;

/**
 * Cuts the lists inside of an answer (or of an event's object) to their first entries; the address of
 * each has them all. An answer that is itself a list has its own limit.
 */
export function shortenLists(value: unknown, inside = false): void {
  if (Array.isArray(value)) {
    for (const one of value) shortenLists(one, true);
    return;
  }
  if (!isObject(value)) return;
  const { data } = value;
  if (inside && value["object"] === "list" && Array.isArray(data) && data.length > SHOWN) {
    data.length = SHOWN;
    value["has_more"] = true;
  }
  for (const one of Object.values(value)) shortenLists(one, true);
}
