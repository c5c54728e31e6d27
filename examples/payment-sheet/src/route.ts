import { useSyncExternalStore } from "react";

/** What is bought: it is all in the address, so that a reload, the back button and another tab find it. */
export interface Order {
  /** A price's id or key. */
  readonly price: string;
  readonly seats?: string | undefined;
  readonly coupon?: string | undefined;
  /** The subscription that changes to the price. */
  readonly subscription?: string | undefined;
  /** The session, once there is one. */
  readonly session?: string | undefined;
}

export interface Route {
  readonly page: "plans" | "account";
  /** The sheet is open, above the page. */
  readonly order: Order | undefined;
}

function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const told = new URLSearchParams(query);
  const one = (name: keyof Order) => told.get(name) ?? undefined;
  const price = one("price");
  return {
    page: path.startsWith("account") ? "account" : "plans",
    order: path === "buy" && price !== undefined
      ? {
        price,
        seats: one("seats"),
        coupon: one("coupon"),
        subscription: one("subscription"),
        session: one("session"),
      }
      : undefined,
  };
}

function hashOf(order: Order): string {
  const told = Object.entries(order).filter((entry): entry is [string, string] =>
    typeof entry[1] === "string"
  );
  return `#/buy?${new URLSearchParams(told).toString()}`;
}

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
globalThis.addEventListener("popstate", tell);
globalThis.addEventListener("hashchange", tell);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};
const hashNow = () => location.hash;

export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, hashNow));

export function openOrder(order: Order): void {
  history.pushState({ isOver: true }, "", hashOf(order));
  tell();
}

/** Says more of the order that is open; the back button does not stop at it. */
export function rewriteOrder(order: Order): void {
  history.replaceState(history.state, "", hashOf(order));
  tell();
}

/** As the back button does where the sheet was opened from a page, which is then shown as it was. */
export function closeOrder(): void {
  const state: unknown = history.state;
  if (typeof state === "object" && state !== null && "isOver" in state) history.back();
  else goTo("#/");
}

export function goTo(hash: string): void {
  history.replaceState(null, "", hash);
  tell();
}

/** Whether the bank has sent the customer back this moment; what Stripe has added to the address for it is taken out. */
export function takeReturn(): boolean {
  const url = new URL(location.href);
  const isBack = url.searchParams.has("redirect_status");
  if (isBack) {
    url.search = "";
    history.replaceState(history.state, "", url);
  }
  return isBack;
}
