import { type Advice, adviceOn } from "../../supabase/advisors.ts";
import { check, told } from "../check.ts";

/** Whether Supabase's own advisors have something to say of our schemas. */
export const advisors = check({
  name: "advisors",
  findings: {
    "warn": {
      severity: "warning",
      fix:
        "read what `npx supabase db advisors --remote=<ref>` says, and undo what was changed beside the migrations",
    },
  },
  read: ({ settings, workdir }) => adviceOn(settings.databaseUrl, workdir),
  judge: (advice: readonly Advice[]) =>
    told([
      advice.length > 0,
      "warn",
      `Supabase's advisors warn: ${advice.map(({ detail }) => detail).join(" ")}`,
    ]),
});
