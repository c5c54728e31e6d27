import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Runs files of a lower rank first, and those of the same in the order in which Vitest would. */
export const ranked = (rankOf: (path: string) => number) =>
  class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const sorted = await super.sort(files);
      return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId));
    }
  };

/**
 * Files with a page's environment come after all others: a worker is kept only where the next file in line has the environment that it
 * has. Scattered among the others, each such file would end two workers, and the next one loads every module anew.
 */
export const PagesLast = ranked((path) => path.endsWith(".tsx") ? 1 : 0);

/** The longest first, so that none of them is left alone at the end. */
export const CrashesFirst = ranked((path) => path.includes("/tests/crash/") ? 0 : 1);
