import { check, told } from "../check.ts";

/** Unix seconds, each as it was told at about one moment. */
export interface ClockReading {
  readonly here: number;
  readonly database: number;
  /** Undefined where the functions do not tell. */
  readonly functions: number | undefined;
  /** Undefined where Stripe's answer has no date. */
  readonly stripe: number | undefined;
}

/** Seconds. Stripe's signatures are good for 300 (https://docs.stripe.com/webhooks#verify-official-libraries). */
const SKEW = 60;

/** Whether all clocks agree: of a signature's time, a token's end and an expiry decide different ones. */
export const clock = check({
  name: "clock",
  findings: {
    "skewed": {
      severity: "failure",
      fix: "set the clock that is wrong; where it is the platform's, tell its support",
    },
    "skewed-here": {
      severity: "warning",
      fix: "set this machine's clock; nothing that is deployed depends on it",
    },
  },
  read: async ({ rows, health, stripe }): Promise<ClockReading> => {
    const functions = (await health()).health?.now;
    // What was asked first is told again last, so that the time that the asking takes is seen as such.
    const { lastResponse } = await stripe.events.list({ limit: 1 });
    const here = Date.now() / 1_000;
    const [row] = await rows<{ now: string }>(
      "select extract(epoch from clock_timestamp()) as now",
    );
    const date = new Headers(lastResponse.headers).get("date");
    return {
      here,
      database: Number(row?.now),
      functions,
      stripe: date === null ? undefined : Date.parse(date) / 1_000,
    };
  },
  judge: ({ here, database, functions, stripe }: ClockReading) => {
    const off = (time: number | undefined) =>
      time === undefined ? 0 : Math.round(Math.abs(time - database));
    return told(
      [
        off(functions) > SKEW,
        "skewed",
        `functions and database are ${off(functions)} seconds apart`,
      ],
      [off(stripe) > SKEW, "skewed", `Stripe and the database are ${off(stripe)} seconds apart`],
      [
        off(here) > SKEW,
        "skewed-here",
        `this machine and the database are ${off(here)} seconds apart`,
      ],
    );
  },
});
