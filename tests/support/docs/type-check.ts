import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import type { CodeBlock } from "./code-blocks.ts";

const run = promisify(execFile);
const PARENT = join(projectRoot, "node_modules", ".code-blocks");

/** What a block is type-checked as: a module by itself. What it imports by a relative name it imports of the project's root. */
export function moduleOf({ text, marker }: Pick<CodeBlock, "text" | "marker">): string {
  const whole = marker?.kind === "within" ? marker.text.replace("…", () => text) : text;
  return `${whole.replaceAll(/(from|import) "\.\//g, `$1 "${projectRoot}`)}\nexport {};\n`;
}

/** What the compiler says of all blocks, each line with the place of its block; nothing where they are right. One run of it. */
export async function typeErrors(blocks: readonly CodeBlock[]): Promise<string[]> {
  await mkdir(PARENT, { recursive: true });
  const folder = await mkdtemp(join(PARENT, "run-"));
  try {
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(projectRoot, "tsconfig.json"),
        compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
        include: ["."],
        exclude: [],
      }),
    );
    // As a bundler has it.
    await writeFile(join(folder, "styles.d.ts"), 'declare module "*.css";\n');
    await Promise.all(
      blocks.map((block, index) => writeFile(join(folder, `b${index}.tsx`), moduleOf(block))),
    );
    const compiler = join(projectRoot, "node_modules", ".bin", "tsc");
    const said = await run(compiler, ["-p", folder, "--pretty", "false"], { cwd: folder })
      .then(() => "", (error: unknown) => toldBy(error));
    return said.split("\n").filter((line) => line.trim() !== "").map((line) =>
      line.replace(
        /^.*?\bb(\d+)\.tsx/,
        (_file, index: string) => blocks[Number(index)]?.place ?? "",
      )
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A compiler that could not be run at all says nothing on standard output. */
function toldBy(error: unknown): string {
  if (typeof error === "object" && error !== null && "stdout" in error) {
    const said = String(error.stdout);
    if (said.trim() !== "") return said;
  }
  throw error;
}
