import { useCallback } from "react";
import { Answer, Rows } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { Bars } from "../charts/bars.tsx";
import { Lines } from "../charts/lines.tsx";
import { type Day, readTrends } from "../queries/trends.ts";
import { DAYS } from "../queries/sessions.ts";

const whole = (seconds: number | null) => seconds === null ? "" : `${seconds.toFixed(1)} s`;
const total = (days: readonly Day[], key: "opened" | "attempted" | "succeeded") =>
  days.reduce((sum, day) => sum + day[key], 0);

export function Charts({ organizationId }: { readonly organizationId: string }) {
  const asked = useAsk(useCallback(() => readTrends(organizationId), [organizationId]));
  return (
    <>
      <h1>Charts</h1>
      <p>The last {DAYS} days, in UTC.</p>
      <Answer asked={asked}>
        {({ days, declines }) => (
          <>
            <h2>Funnel</h2>
            <Bars
              label="How many checkouts were opened, attempted and succeeded"
              bars={(["opened", "attempted", "succeeded"] as const)
                .map((key) => ({ name: key, value: total(days, key) }))}
            />
            <h2>From the payment to the subscription</h2>
            <Lines
              label="Seconds from the payment to the visible subscription, by day"
              lines={[
                { name: "median", values: days.map(({ p50 }) => p50) },
                { name: "95th percentile", values: days.map(({ p95 }) => p95) },
              ]}
            />
            <h2>Declines</h2>
            {declines.length === 0 ? <p className="none">No card was declined.</p> : (
              <Bars
                label="How often cards were declined, by Stripe's code"
                bars={declines.slice(0, 8).map(({ code, attempts }) => ({
                  name: code,
                  value: attempts,
                }))}
              />
            )}
            <details>
              <summary>The same in figures</summary>
              <Rows
                label="Figures by day"
                rows={days}
                none=""
                heads={["Day", "Opened", "Attempted", "Succeeded", "Median", "95th percentile"]}
                id={({ day }) => day}
                cells={({ day, opened, attempted, succeeded, p50, p95 }) => [
                  day,
                  opened,
                  attempted,
                  succeeded,
                  whole(p50),
                  whole(p95),
                ]}
              />
            </details>
          </>
        )}
      </Answer>
    </>
  );
}
