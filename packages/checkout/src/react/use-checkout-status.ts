import { useEffect, useState } from "react";
import type { Watched } from "../client.ts";
import type { CheckoutError } from "../errors.ts";
import type { Snapshot } from "../types.ts";
import { useCheckoutClient } from "./provider.tsx";
import { useRefresh } from "./queries.ts";

export interface CheckoutStatusResult {
  /** The newest snapshot; undefined until the first one. */
  readonly snapshot: Snapshot | undefined;
  /** That there is no such session. What passes is outlasted and not told. */
  readonly error: CheckoutError | undefined;
}

const nothing: CheckoutStatusResult = { snapshot: undefined, error: undefined };

/** Follows a session to its end, for as long as the component is there. Once it succeeds, products and entitlements are read anew. */
export function useCheckoutStatus(session: Watched | undefined): CheckoutStatusResult {
  const client = useCheckoutClient();
  const refresh = useRefresh();
  const [known, setKnown] = useState({ id: session?.id, ...nothing });
  const { id, realtime: { topic, event } = {} } = session ?? {};

  useEffect(() => {
    if (id === undefined) return undefined;
    const realtime = topic === undefined || event === undefined ? undefined : { topic, event };
    const watch = client.watch({ id, realtime }, {
      onSnapshot: (snapshot) => {
        setKnown({ id, snapshot, error: undefined });
        if (snapshot.status === "succeeded") void refresh();
      },
      onEnd: (error) => {
        if (error !== undefined) setKnown({ id, snapshot: undefined, error });
      },
    });
    return () => void watch.stop();
  }, [client, refresh, id, topic, event]);

  // Of another session nothing is known yet.
  return known.id === id ? known : nothing;
}
