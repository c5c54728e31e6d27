import { useEffect, useState } from "react";
import type { Watched } from "../client.ts";
import type { CheckoutError } from "../errors.ts";
import type { Snapshot } from "../types.ts";
import { useProvided } from "./provider.tsx";

export interface CheckoutStatusResult {
  /** The newest snapshot; undefined until the first one. */
  readonly snapshot: Snapshot | undefined;
  /** That there is no such session. What passes is outlasted and not told. */
  readonly error: CheckoutError | undefined;
}

const nothing: CheckoutStatusResult = { snapshot: undefined, error: undefined };

/**
 * Follows a session to its end, for as long as the component is there. Once it succeeds, products and entitlements are read anew; one
 * that is being paid is followed for that by the provider, also when the component has gone.
 */
export function useCheckoutStatus(session: Watched | undefined): CheckoutStatusResult {
  const { followed } = useProvided();
  const [known, setKnown] = useState({ id: session?.id, ...nothing });
  const { id, realtime: { topic, event } = {} } = session ?? {};

  useEffect(() => {
    if (id === undefined) return undefined;
    const realtime = topic === undefined || event === undefined ? undefined : { topic, event };
    return followed.follow({ id, realtime }, {
      onSnapshot: (snapshot) => setKnown({ id, snapshot, error: undefined }),
      onError: (error) => setKnown({ id, snapshot: undefined, error }),
    });
  }, [followed, id, topic, event]);

  // Of another session nothing is known yet.
  return known.id === id ? known : nothing;
}
