import { open } from "node:fs/promises";
import { UsageError } from "../operator.ts";

/** The lines of a file. Throws `UsageError` where it cannot be read. */
export const linesOfFile = (path: string) =>
  async function* lines(): AsyncGenerator<string> {
    const file = await open(path).catch(() => {
      throw new UsageError(`--log: ${path} cannot be read`);
    });
    yield* file.readLines();
  };
