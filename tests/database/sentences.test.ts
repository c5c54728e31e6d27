import { expect, it } from "vitest";
import { errorTable } from "../../shared/contract/error-table.ts";
import { endingSentences } from "../../shared/contract/sentences.ts";
import { projectFiles, readProjectFile } from "../../scripts/source/project-files.ts";
import { openDatabase } from "./support.ts";

const owner = await (await openDatabase()).owner();

const inOrder = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted();

it("the database tells a customer what the contract says, and no more", async () => {
  const told = await owner.rows(
    "select code, reason, message from billing_private.ending_sentences",
  );
  const said = Object.entries(endingSentences).flatMap(([code, sentences]) =>
    Object.entries(sentences).map(([reason, message]) => ({ code, reason, message }))
  );
  expect(said.length).toBeGreaterThan(10);
  expect(inOrder(told)).toEqual(inOrder(said));
});

it.each(Object.keys(endingSentences))("%s is a public code", (code) => {
  expect(Object.keys(errorTable)).toContain(code);
});

it("a reason without a sentence of its own has that of all others, and a code without any is refused", async () => {
  expect(await owner.row("select billing_private.session_error('trial_used', 'whatever') as e"))
    .toEqual({ e: { code: "trial_used", message: endingSentences["trial_used"]?.["other"] } });
  await expect(owner.rows("select billing_private.session_error('no_such_code', null)"))
    .rejects.toThrow(/no rows/);
});

it("no sentence stands in a function of the database", () => {
  const migrations = projectFiles((path) =>
    path.endsWith(".sql") && path.startsWith("supabase/migrations/")
  );
  const bodies = migrations.flatMap((path) =>
    readProjectFile(path).split("$$").filter((_, at) => at % 2 === 1)
  );
  expect(bodies.length).toBeGreaterThan(100);
  const sentence = /'(You|Your|This|The) [a-z][^']*\.'/;
  expect(bodies.filter((body) => sentence.test(body))).toEqual([]);
  expect("'Your payment has been refunded.'").toMatch(sentence);
});
