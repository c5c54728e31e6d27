import { createHash, randomInt } from "node:crypto";

interface Titled {
  /** The place of the call among those of its scenario, and what the seam is between. */
  readonly title: string;
}

/**
 * With `CHAOS_SEAMS=each` one seam of each kind, which is a function and the two calls that it dies between; which scenario it
 * is met in is chance, by a seed that is printed. All of them otherwise.
 */
export function picked<S extends { readonly slug: string }, T extends Titled>(
  scenarios: readonly (readonly [S, readonly T[]])[],
): readonly (readonly [S, readonly T[]])[] {
  if (process.env["CHAOS_SEAMS"] !== "each") return scenarios;
  const seed = Number(process.env["CHAOS_SEED"] ?? randomInt(2 ** 31));
  const kinds = new Map<string, T[]>();
  for (const [{ slug }, seams] of scenarios) {
    for (const seam of seams) {
      const kind = `${slug} ${seam.title.replace(/^\d+ /, "")}`;
      kinds.set(kind, [...kinds.get(kind) ?? [], seam]);
    }
  }
  const chosen = new Set(
    [...kinds].map(([kind, seams]) => seams[placeOf(`${seed} ${kind}`) % seams.length]),
  );
  const count = scenarios.reduce((sum, [, seams]) => sum + seams.length, 0);
  console.log(`${chosen.size} of ${count} seams: --seams each --seed ${seed}`);
  return scenarios
    .map(([scenario, seams]) => [scenario, seams.filter((seam) => chosen.has(seam))] as const)
    .filter(([, seams]) => seams.length > 0);
}

const placeOf = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE();
