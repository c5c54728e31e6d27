/** The steps of each walk of docs/architecture.md, by its heading: file and name of what is called there. */
export function stepsOf(
  document: string,
): ReadonlyMap<string, readonly (readonly [string, string])[]> {
  const sections = document.split(/^## /m).slice(1);
  return new Map(sections.flatMap((section) => {
    const heading = section.split("\n", 1)[0] ?? "";
    const steps = [...section.matchAll(/^\| \d+ +\| `([^`]+)` +\| `([^`]+)` +\|/gm)]
      .map(([, file = "", name = ""]) => [file, name] as const);
    return steps.length === 0 ? [] : [[heading, steps] as const];
  }));
}
