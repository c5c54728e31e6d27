import { type EnvironmentGroup, environmentGroups } from "../../shared/runtime/environment.ts";

/** What a function may do, as Deno enforces it: it starts with no more than this. */
export interface Permissions {
  /** The variables that it may read. */
  readonly env: readonly string[];
  /** Whether it may reach Stripe besides the project itself. */
  readonly stripe: boolean;
}

/** What each function needs; one that needs more does not start, so that a new need is a change here. */
const needs = new Map<string, readonly EnvironmentGroup[]>(Object.entries({
  "session-tokens": ["database", "tokens", "digests", "browsers"],
  "checkout-create": ["database", "stripe", "tokens", "digests", "browsers", "addresses"],
  "checkout-confirm": ["database", "stripe", "tokens", "digests", "browsers", "addresses"],
  "checkout-status": ["database", "stripe", "tokens", "browsers"],
  "checkout-cancel": ["database", "stripe", "tokens", "browsers"],
  "stripe-webhook": ["database", "stripe", "webhook"],
  "checkout-reconcile": ["database", "stripe"],
  "entitlements": ["database", "tokens", "browsers"],
  "products": ["database", "tokens", "browsers"],
  "subscription": ["database", "stripe", "tokens", "browsers"],
  "portal": ["database", "stripe", "tokens", "browsers"],
  "features": ["database", "tokens", "browsers"],
  "health": ["database", "stripe", "digests", "browsers"],
  "checkout": ["database", "stripe", "tokens", "digests", "browsers", "addresses"],
  "sdk": ["database", "stripe", "tokens", "digests", "browsers", "addresses"],
}));

/** @throws for a function that nobody has given any permission */
export function permissionsOf(slug: string): Permissions {
  const groups = needs.get(slug);
  if (groups === undefined) {
    throw new Error(`stack/functions/permissions.ts does not say what function ${slug} may do`);
  }
  return {
    // Any function sends its traces where it is told to.
    env: [...groups, "telemetry" as const].flatMap((group) => environmentGroups[group]),
    stripe: groups.includes("stripe"),
  };
}
