import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import type { CheckoutClient } from "../client.ts";
import { CheckoutError } from "../errors.ts";

const Context = createContext<CheckoutClient | undefined>(undefined);

export interface CheckoutProviderProps {
  /** Made once, outside of a component, or by `useState`: another one is another user. */
  readonly client: CheckoutClient;
  /** The app's own, where it has one; else one is made, in which nothing of the app is kept. */
  readonly queryClient?: QueryClient | undefined;
  readonly children: ReactNode;
}

/** Three times, where it may help: what the service refuses for good is shown at once. */
const retry = (failures: number, error: Error) =>
  failures < 3 && (!(error instanceof CheckoutError) || error.retryable);

/** Gives the components and hooks below it the client that they call by. */
export function CheckoutProvider({ client, queryClient, children }: CheckoutProviderProps) {
  const [own] = useState(() => new QueryClient({ defaultOptions: { queries: { retry } } }));
  return (
    <QueryClientProvider client={queryClient ?? own}>
      <Context.Provider value={client}>{children}</Context.Provider>
    </QueryClientProvider>
  );
}

export function useCheckoutClient(): CheckoutClient {
  const client = useContext(Context);
  if (client === undefined) throw new Error("there is no CheckoutProvider above this component");
  return client;
}
