import { check, told } from "../check.ts";

/** Names of organizations whose guard stands. */
type GuardsReading = readonly string[];

/** Whether cards are being tested somewhere. */
export const guards = check({
  name: "guards",
  findings: {
    "raised": {
      severity: "warning",
      fix:
        "look at billing.decline_codes: the guard falls by itself; delete its row of billing.organization_guards if it was no attack",
    },
  },
  read: async ({ rows }): Promise<GuardsReading> => {
    const found = await rows<{ id: string }>(
      `select g.organization_id as id from billing.organization_guards g
       where g.until > clock_timestamp() order by 1`,
    );
    return found.map(({ id }) => id);
  },
  judge: (raised: GuardsReading) =>
    told([
      raised.length > 0,
      "raised",
      `the guard against card testers stops checkouts of ${raised.join(", ")}`,
    ]),
});
