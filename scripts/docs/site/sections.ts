import type { Page } from "./pages.ts";

export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

/** In which order guides are read; a page that is not named comes after those that are. */
const order = [
  "docs/guides/README.md",
  "docs/guides/five-minute-start.md",
  "docs/guides/how-a-checkout-flows.md",
  "docs/guides/mode-standard.md",
  "docs/guides/mode-trial.md",
  "docs/guides/nothing-due-now.md",
  "docs/guides/mode-free.md",
  "docs/guides/mode-change.md",
  "docs/guides/rls-gating.md",
  "docs/guides/nextjs.md",
  "docs/guides/testing.md",
  "docs/guides/errors.md",
  "docs/guides/going-live.md",
  "docs/api.md",
  "docs/errors.md",
  "docs/sdk.md",
];

const kinds: readonly (readonly [title: string, is: RegExp])[] = [
  ["Guides", /^docs\/guides\//],
  ["Decisions", /^docs\/decisions\//],
  ["Reference", /^docs\/[^/]+$/],
  ["Packages, examples and the stack", /^(packages|examples|stack)\//],
  ["The project", /^[^/]+$/],
];

const rank = ({ path }: Page) => order.includes(path) ? order.indexOf(path) : order.length;

/** All pages by what they are, those that are read first before the others. */
export function sectionsOf(pages: readonly Page[]): readonly Section[] {
  const sections = kinds.map(([title, is]) => ({
    title,
    pages: pages.filter(({ path }) => kinds.find(([, one]) => one.test(path))?.[1] === is)
      .toSorted((a, b) => rank(a) - rank(b)),
  }));
  const decisions = sections.findIndex(({ title }) => title === "Decisions");
  return sections.toSpliced(decisions, 1).concat(sections.slice(decisions, decisions + 1));
}
