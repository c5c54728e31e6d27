import { useCallback, useState } from "react";
import { printable } from "../../../../scripts/console/words.ts";
import { Answer, Rows, Time } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { readDeadEvents, replay } from "../queries/inbox.ts";

export function Inbox({ organizationId }: { readonly organizationId: string }) {
  const asked = useAsk(useCallback(() => readDeadEvents(organizationId), [organizationId]));
  const [told, setTold] = useState<string>();
  const [busy, setBusy] = useState<string>();

  const give = async (id: string) => {
    setBusy(id);
    try {
      setTold(
        await replay(id)
          ? `${id} is due again: the next run of reconcile takes it up.`
          : `${id} is not dead any more.`,
      );
    } catch (error) {
      setTold(`${id} was not replayed: ${error instanceof Error ? error.message : String(error)}`);
    }
    setBusy(undefined);
    asked.again();
  };

  return (
    <>
      <h1>Inbox</h1>
      <p>
        Events of Stripe that were given up on after many attempts. What stood in the way is in the
        last error; when it is out of the way, replay the event.
      </p>
      <output>{told}</output>
      <Answer asked={asked}>
        {(events) => (
          <Rows
            label="Dead events"
            rows={events}
            none="No event is dead."
            heads={["Event", "Type", "Attempts", "Last error", "Received (UTC)", "Replay"]}
            id={(event) => event.stripe_event_id}
            cells={(event) => [
              event.stripe_event_id,
              event.type,
              event.attempts,
              printable(event.last_error ?? ""),
              <Time key="received" at={event.received_at} />,
              <button
                key="replay"
                type="button"
                disabled={busy !== undefined}
                aria-label={`Replay ${event.stripe_event_id}`}
                onClick={() => void give(event.stripe_event_id)}
              >
                Replay
              </button>,
            ]}
          />
        )}
      </Answer>
    </>
  );
}
