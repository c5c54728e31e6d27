import type { Scenario } from "../seams.ts";
import { cancelScenarios } from "./cancel.ts";
import { changeScenarios } from "./changes.ts";
import { confirmScenarios } from "./confirm.ts";
import { createScenarios } from "./create.ts";
import { mismatchScenarios, surplusScenarios } from "./mismatch.ts";
import { modeScenarios } from "./modes.ts";
import { reconcileScenarios } from "./reconcile.ts";
import { statusScenarios } from "./status.ts";
import { webhookScenarios } from "./webhook.ts";

const all: readonly Scenario[] = [
  ...createScenarios,
  ...confirmScenarios,
  ...modeScenarios,
  ...changeScenarios,
  ...mismatchScenarios,
  ...surplusScenarios,
  ...statusScenarios,
  ...cancelScenarios,
  ...webhookScenarios,
  ...reconcileScenarios,
];

/** Which functions die in which file; a seam's kind is of one function, so that each kind is met in one file alone. */
const files = {
  confirm: ["checkout-confirm"],
  callers: ["checkout-create", "checkout-status", "checkout-cancel"],
  webhook: ["stripe-webhook"],
  reconcile: ["checkout-reconcile"],
};

/** @throws where a scenario is of no file, or a file of no scenario */
export function scenariosOf(file: keyof typeof files): readonly Scenario[] {
  const known = new Set(Object.values(files).flat());
  const lost = all.filter(({ slug }) => !known.has(slug)).map(({ name }) => name);
  if (lost.length > 0) throw new Error(`no file has ${lost.join(", ")}`);
  const found = all.filter(({ slug }) => files[file].includes(slug));
  if (found.length === 0) throw new Error(`there is no scenario of ${file}`);
  return found;
}
