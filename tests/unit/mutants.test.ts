import { expect, it } from "vitest";
import { sqlMutants } from "../../scripts/mutants/table.ts";
import { projectFiles, readProjectFile } from "../../scripts/source/project-files.ts";

it.each(sqlMutants.map((mutant) => [mutant.law, mutant] as const))(
  "the mutant without '%s' still says what to take out, and who is to notice",
  (_law, { file, from, to, tests }) => {
    expect(readProjectFile(`supabase/migrations/${file}`).split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
    const files = tests.map((name) => `tests/database/${name}.test.ts`);
    expect(files).not.toEqual([]);
    expect(projectFiles((path) => files.includes(path)).toSorted()).toEqual(files.toSorted());
  },
);
