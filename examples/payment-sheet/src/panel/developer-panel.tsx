import { useState } from "react";
import { type Entry, type Feed, type Lane, LANES, sinceFirst } from "./feed.ts";
import { useFeed } from "./use-feed.ts";

const NAMES: Readonly<Record<Lane, string>> = {
  http: "HTTP",
  stripe: "Stripe",
  webhook: "Webhook",
  realtime: "Realtime",
  row: "Row",
};

export interface DeveloperPanelProps {
  /** `developerUrl` of the configuration: the embedded stack alone has one. */
  readonly url: string;
  /** The session that is looked at; where there is none, the last one is. */
  readonly sessionId: string | undefined;
}

/**
 * What happens to a session, as it happens: the functions' answers, the intent at Stripe, webhooks, Realtime and rows. It shows and
 * says nothing by itself, so that it disturbs nobody who pays: a screen reader reads it when its user goes there.
 */
export function DeveloperPanel({ url, sessionId: given }: DeveloperPanelProps) {
  const [sessionId, setSessionId] = useState(given);
  if (given !== undefined && given !== sessionId) setSessionId(given);
  const { feed, isLive } = useFeed(
    sessionId === undefined ? undefined : `${url}/sessions/${encodeURIComponent(sessionId)}`,
  );
  return (
    <section className="developer" aria-label="Developer's panel">
      <details open>
        <summary>
          <h2>What happens</h2>
        </summary>
        {sessionId === undefined
          ? <p>All that a checkout brings about is shown here as it happens, once there is one.</p>
          : <Timeline sessionId={sessionId} feed={feed} isLive={isLive} />}
      </details>
    </section>
  );
}

interface TimelineProps {
  readonly sessionId: string;
  readonly feed: Feed | undefined;
  readonly isLive: boolean;
}

function Timeline({ sessionId, feed, isLive }: TimelineProps) {
  const [hidden, setHidden] = useState<ReadonlySet<Lane>>(new Set());
  const entries = feed?.entries ?? [];
  const [first] = entries;
  const toggle = (lane: Lane) =>
    setHidden((before) => {
      const next = new Set(before);
      if (!next.delete(lane)) next.add(lane);
      return next;
    });
  return (
    <>
      <dl>
        <dt>Session</dt>
        <dd>
          <code>{sessionId}</code>
        </dd>
        <dt>Status</dt>
        <dd>{feed?.status ?? "none yet"}{isLive ? "" : ", not connected"}</dd>
      </dl>
      <fieldset>
        <legend>Show</legend>
        {LANES.map((lane) => (
          <label key={lane} data-lane={lane}>
            <input type="checkbox" checked={!hidden.has(lane)} onChange={() => toggle(lane)} />
            {NAMES[lane]}
            <span>{entries.filter((entry) => entry.lane === lane).length}</span>
          </label>
        ))}
      </fieldset>
      <ol reversed aria-label="Timeline, newest first">
        {keyed(entries).toReversed().map(([key, entry]) =>
          hidden.has(entry.lane) ? null : (
            <li key={key} data-lane={entry.lane}>
              <time dateTime={entry.at}>{sinceFirst(entry.at, first?.at ?? entry.at)}</time>
              <p>
                <span>{NAMES[entry.lane]}</span>{" "}
                {/* A request is called by its function's name already. */}
                {entry.what.includes(entry.from) ? null : <b>{entry.from}</b>} {entry.what}
              </p>
            </li>
          )
        )}
      </ol>
    </>
  );
}

/** Each with a key that it keeps when another comes before it. */
function keyed(entries: readonly Entry[]): [key: string, entry: Entry][] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const words = `${entry.at} ${entry.from} ${entry.what}`;
    const count = (seen.get(words) ?? 0) + 1;
    seen.set(words, count);
    return [`${words} ${count}`, entry];
  });
}
