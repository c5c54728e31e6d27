import { posix } from "node:path";
import { linkTargets } from "./markdown.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";

const tests = projectFiles((path) => /^tests\/.+\.test\.ts$/.test(path));

/**
 * What is wrong with a section's "Shown by": it has none, it links to no test, or a link (to a file or a folder) leads to no
 * test that expects anything. Empty where the section is shown.
 */
export function silentTests(document: string, section: string): string[] {
  const start = section.search(/^Shown by /m);
  if (start === -1) return ['there is no "Shown by"'];
  const named = linkTargets(section.slice(start))
    .map((target) => posix.join(posix.dirname(document), target))
    .filter((path) => path.startsWith("tests/"));
  if (named.length === 0) return ["no test is named"];
  return named.flatMap((path) => {
    const files = tests.filter((file) => file === path || file.startsWith(`${path}/`));
    if (files.length === 0) return [`${path} is no test`];
    return files.filter((file) => !expects(file))
      .map((file) => `${file} expects nothing`);
  });
}

/** Whether a test expects something: itself, or by a `describe…` of its own kind that it imports. */
function expects(file: string): boolean {
  const text = readProjectFile(file);
  if (/\bexpect\(|\bawait expect/.test(text)) return true;
  return [...text.matchAll(/^import \{ describe\w+ \} from "(\.[^"]+)";$/gm)]
    .some(([, target = ""]) =>
      /\bexpect\(/.test(readProjectFile(posix.join(posix.dirname(file), target)))
    );
}
