import { type FormEvent, useCallback, useState } from "react";
import { money } from "../../../../scripts/console/words.ts";
import { Answer, Rows, Time } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { DAYS, FILTERS, findSession, readSessions, SHOWN } from "../queries/sessions.ts";
import { fieldOf } from "../form.ts";
import { linkTo } from "../route.ts";

/** Milliseconds after which the list is read again. */
const FRESH = 5_000;

export function Sessions({ organizationId }: { readonly organizationId: string }) {
  const [filter, setFilter] = useState("live");
  const asked = useAsk(
    useCallback(() => readSessions(organizationId, filter), [organizationId, filter]),
    FRESH,
  );
  return (
    <>
      <h1>Sessions</h1>
      <Search />
      <label>
        Status
        <select value={filter} onChange={(event) => setFilter(event.target.value)}>
          {FILTERS.map((status) => <option key={status}>{status}</option>)}
        </select>
      </label>
      <Answer asked={asked}>
        {(sessions) => (
          <>
            <Rows
              label="Sessions"
              rows={sessions}
              none={filter === "live"
                ? "No checkout is under way."
                : `No session is ${filter}: of those that ended, the last ${DAYS} days are looked at.`}
              heads={["Session", "Status", "Mode", "Total", "Opened (UTC)", "Expires (UTC)"]}
              id={({ id }) => id}
              cells={(session) => [
                <a key="id" href={linkTo("sessions", session.id)}>{session.id}</a>,
                [
                  session.status,
                  session.error_code,
                  session.fulfilling_since !== null && "paid, not fulfilled yet",
                ].filter(Boolean).join(", "),
                session.checkout_mode,
                money(session.total_amount, session.currency),
                <Time key="opened" at={session.created_at} />,
                <Time key="expires" at={session.expires_at} />,
              ]}
            />
            {sessions.length === SHOWN && <p>The newest {SHOWN} are shown.</p>}
          </>
        )}
      </Answer>
    </>
  );
}

function Search() {
  const [told, setTold] = useState<string>();
  const search = async (name: string) => {
    setTold(undefined);
    try {
      const found = await findSession(name);
      if (found === undefined) setTold(`No session of the id ${name}.`);
      else location.hash = linkTo("sessions", found);
    } catch (error) {
      setTold(error instanceof Error ? error.message : String(error));
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void search(fieldOf(event.currentTarget, "id").trim());
  };
  return (
    <search>
      <form onSubmit={submit}>
        <label>
          Id of a session, or of its intent at Stripe
          <input name="id" required autoComplete="off" spellCheck={false} />
        </label>
        <button type="submit">Find</button>
        {told !== undefined && <p role="alert">{told}</p>}
      </form>
    </search>
  );
}
