import { QueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { CheckoutClient } from "../client.ts";
import { CheckoutError } from "../errors.ts";
import { Followed } from "./followed.ts";
import { readAnew } from "./keys.ts";

interface Provided {
  readonly client: CheckoutClient;
  /** Ours, or the one that the app named: the one that the app's own components find stays theirs. */
  readonly queries: QueryClient;
  readonly followed: Followed;
  /** Whose answers are shown; undefined until that is known. */
  readonly user: string | null | undefined;
}
const Context = createContext<Provided | undefined>(undefined);

export interface CheckoutProviderProps {
  /** Made once, outside of a component, or by `useState`: another one is another user. */
  readonly client: CheckoutClient;
  /** The app's own, where answers are to be kept there; else one is made, in which nothing of the app is kept. */
  readonly queryClient?: QueryClient | undefined;
  readonly children: ReactNode;
}

/** Three times, where it may help: what the service refuses for good is shown at once. */
const retry = (failures: number, error: Error) =>
  failures < 3 && (!(error instanceof CheckoutError) || error.retryable);

/** Gives the components and hooks below it the client that they call by. */
export function CheckoutProvider({ client, queryClient, children }: CheckoutProviderProps) {
  const [own] = useState(() => new QueryClient({ defaultOptions: { queries: { retry } } }));
  const queries = queryClient ?? own;
  useEffect(() => {
    queries.mount();
    return () => queries.unmount();
  }, [queries]);
  const user = useUser(client);
  const turn = useTurn(client, user);
  const followed = useMemo(
    () => new Followed(client, turn, () => void readAnew(queries, client)),
    [client, turn, queries],
  );
  useEffect(() => () => followed.stop(), [followed]);
  const provided = useMemo(
    () => ({ client, queries, followed, user }),
    [client, queries, followed, user],
  );
  return <Context.Provider value={provided}>{children}</Context.Provider>;
}

/** Who is signed in, where that is whose calls these are; null also where there is one customer for good. */
function useUser(client: CheckoutClient): string | null | undefined {
  const [known, setKnown] = useState<{ of: CheckoutClient; user: string | null }>();
  useEffect(() => client.onUser?.((user) => setKnown({ of: client, user })), [client]);
  if (client.onUser === undefined) return null;
  return known?.of === client ? known.user : undefined;
}

/** Counts customers: another client is another one, and so is whoever signs in after somebody else. That nobody is signed in may pass. */
function useTurn(client: CheckoutClient, user: string | null | undefined): number {
  const [last, setLast] = useState({ client, user: user ?? undefined, turn: 0 });
  const isOther = last.client !== client;
  const isNew = typeof user === "string" && user !== last.user;
  if (isOther || isNew) {
    const hasLeft = isOther || last.user !== undefined;
    setLast({ client, user: user ?? undefined, turn: last.turn + (hasLeft ? 1 : 0) });
  }
  return last.turn;
}

export function useProvided(): Provided {
  const provided = useContext(Context);
  if (provided === undefined) throw new Error("there is no CheckoutProvider above this component");
  return provided;
}

export const useCheckoutClient = (): CheckoutClient => useProvided().client;
