import { useCallback } from "react";
import type { CheckoutClient } from "../client.ts";
import { CheckoutError } from "../errors.ts";
import type { ConfirmResponse } from "../types.ts";
import { useProvided } from "./provider.tsx";

/** Confirms. A session that may have been paid by it, whatever is answered, the provider follows to its end: the sheet may be closed. */
export function useConfirm() {
  const { client, followed } = useProvided();
  return useCallback(
    async (
      id: string,
      request: Parameters<CheckoutClient["confirm"]>[0],
    ): Promise<ConfirmResponse> => {
      followed.setPaying(id, true);
      try {
        const answer = await client.confirm(request);
        // Paid and not carried out yet is no success so far.
        followed.setPaying(id, answer.success || answer.status === "processing");
        return answer;
      } catch (error) {
        followed.setPaying(id, error instanceof CheckoutError && error.retryable);
        throw error;
      }
    },
    [client, followed],
  );
}
