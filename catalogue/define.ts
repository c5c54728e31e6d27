import type * as z from "zod";
import { written } from "./schema/catalogue.ts";

/** What `defineCatalogue` takes. */
export type CatalogueInput = z.input<typeof written>;
/** A catalogue that holds together, with every setting said. */
export type Catalogue = z.output<typeof written>;

/** The catalogue, or the operator's words, cannot be used; nothing was done. Each sentence names the setting and what it needs. */
export class CatalogueError extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join("\n"));
    this.name = "CatalogueError";
    this.sentences = sentences;
  }
}

/** Throws CatalogueError with a sentence for each thing that is wrong. */
export function readCatalogue(input: unknown): Catalogue {
  const read = written.safeParse(input);
  if (read.success) return read.data;
  throw new CatalogueError(read.error.issues.map(sentenceOf));
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? "the catalogue" : issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return `${at}: ${issue.keys.join(", ")} is no setting; take it out, or mend its spelling`;
  }
  const { message } = issue.code === "invalid_key" ? issue.issues[0] ?? issue : issue;
  return `${at}: ${message}`;
}

/**
 * The catalogue of one organization, for `npm run catalogue`. Write it in a file of its own and make it the default export.
 *
 * @throws CatalogueError naming each setting that is wrong
 */
export const defineCatalogue = (catalogue: CatalogueInput): Catalogue => readCatalogue(catalogue);
