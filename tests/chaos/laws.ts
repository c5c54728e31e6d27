import type { Books } from "./books.ts";
import { moneyLaws } from "./laws/money.ts";
import type { Laws } from "./laws/reading.ts";
import { subscriptionLaws } from "./laws/subscriptions.ts";
import { tellingLaws } from "./laws/telling.ts";

/** Each law that must hold once everything is at rest, under the name that a violation is told with. */
export const laws: Laws = { ...moneyLaws, ...subscriptionLaws, ...tellingLaws };

/** Every violation, as `law: what`. */
export const violations = (books: Books): string[] =>
  Object.entries(laws).flatMap(([law, check]) => check(books).map((what) => `${law}: ${what}`));
