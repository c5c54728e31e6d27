import { useCallback } from "react";
import { Answer, Rows, Time } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { readGuards } from "../queries/owed.ts";

export function Guard({ organizationId }: { readonly organizationId: string }) {
  const asked = useAsk(useCallback(() => readGuards(organizationId), [organizationId]));
  return (
    <>
      <h1>Guard</h1>
      <p>
        Where many cards are declined in a short time, cards are being tested: until the guard
        falls, the organization opens no checkout and takes no card.
      </p>
      <Answer asked={asked}>
        {(guards) => (
          <Rows
            label="Guard"
            rows={guards}
            none="The guard was never raised."
            heads={["State", "Declines", "Raised (UTC)", "Until (UTC)"]}
            id={(guard) => guard.organization_id}
            cells={(guard) => [
              new Date(guard.until) > new Date() ? "raised" : "fallen",
              guard.declines,
              <Time key="raised" at={guard.raised_at} />,
              <Time key="until" at={guard.until} />,
            ]}
          />
        )}
      </Answer>
    </>
  );
}
