import { useCallback, useState } from "react";
import type { SessionFacts } from "../../../../scripts/console/facts.ts";
import { linesAbout } from "../../../../scripts/console/log-lines.ts";
import { stripeNames } from "../../../../scripts/console/session.ts";
import { type Entry, inOrder, timelineOf } from "../../../../scripts/console/timeline.ts";
import { money, printable } from "../../../../scripts/console/words.ts";
import { Answer, Rows, Time } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { readFacts } from "../queries/timeline.ts";
import { linkTo } from "../route.ts";

export function Timeline({ sessionId }: { readonly sessionId: string }) {
  const asked = useAsk(useCallback(() => readFacts(sessionId), [sessionId]));
  return (
    <>
      <h1>Session</h1>
      <p>
        <a href={linkTo("sessions")}>All sessions</a>
      </p>
      <Answer asked={asked}>
        {(facts) =>
          facts === null
            ? <p className="none">There is no such session.</p>
            : <Facts facts={facts} />}
      </Answer>
    </>
  );
}

function Facts({ facts }: { readonly facts: SessionFacts }) {
  const [log, setLog] = useState<readonly Entry[]>([]);
  const [told, setTold] = useState<string>();
  const { session } = facts;
  const merge = async (file: File | undefined) => {
    if (file === undefined) {
      setLog([]);
      setTold(undefined);
      return;
    }
    const lines = (await file.text()).split("\n");
    const { entries } = await linesAbout(() => lines, namesOf(facts), session.id);
    setLog(entries);
    setTold(`${entries.length} lines of the log are about this session.`);
  };
  const entries = inOrder([...timelineOf(facts), ...log]);
  return (
    <>
      <dl>
        <dt>Id</dt>
        <dd>{session.id}</dd>
        <dt>Status</dt>
        <dd>
          {session.status}
          {session.errorCode === null ? "" : ` (${session.errorCode})`}, version {session.version}
        </dd>
        <dt>Total</dt>
        <dd>{money(session.amount, session.currency)}</dd>
      </dl>
      <h2>Timeline</h2>
      <Rows
        label="Timeline"
        rows={entries.map((entry, index) => ({ entry, index }))}
        none="Nothing is known of it."
        heads={["At (UTC)", "From", "What"]}
        id={({ index }) => String(index)}
        cells={({ entry: { at, source, what, isStripes } }) => [
          <Time key="at" at={at} />,
          isStripes === true ? `${source}, by Stripe's clock` : source,
          printable(what),
        ]}
      />
      <label>
        Merge the lines of a log file (one JSON object a line; it is read here and sent nowhere)
        <input
          type="file"
          onChange={(event) => void merge(event.target.files?.[0])}
        />
      </label>
      <output>{told}</output>
    </>
  );
}

/** By which a line of a log is known as one about this session. */
const namesOf = (facts: SessionFacts): ReadonlySet<string> =>
  new Set([
    facts.session.id,
    ...stripeNames(facts),
    ...facts.events.map(({ id }) => id),
    ...(facts.subscription === undefined ? [] : [facts.subscription.id]),
  ]);
