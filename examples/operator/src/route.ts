import { useEffect, useState } from "react";

export const PAGES = {
  sessions: "Sessions",
  inbox: "Inbox",
  refunds: "Refunds owed",
  guards: "Guard",
  charts: "Charts",
  factors: "Second factor",
} as const;
export type Page = keyof typeof PAGES;

export interface Route {
  readonly page: Page;
  /** The session whose timeline is shown. */
  readonly sessionId?: string;
}

const isPage = (name: string): name is Page => Object.hasOwn(PAGES, name);

/** Where `#/sessions/<id>` and the like lead; anything else leads to the sessions. */
export function routeOf(hash: string): Route {
  const [, page = "", written = ""] = hash.split("/");
  const sessionId = decoded(written);
  if (page === "sessions" && sessionId !== "") return { page, sessionId };
  return { page: isPage(page) ? page : "sessions" };
}

/** Empty where it is none: whoever may write an address may write a `%` that stands for nothing. */
function decoded(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return "";
  }
}

export const linkTo = (page: Page, sessionId?: string) =>
  `#/${page}${sessionId === undefined ? "" : `/${encodeURIComponent(sessionId)}`}`;

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return routeOf(hash);
}
