import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as z from "zod";
import { type Catalogue, CatalogueError, readCatalogue } from "../../catalogue/define.ts";
import { UsageError } from "../usage-error.ts";

/** The file that is read unless another is named. */
export const CATALOGUE_FILE = "billing.catalogue.ts";
/** The organization of the catalogue that comes with this project. */
const DEMO = "demo-cloud";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** A catalogue that a command was given, or found at its usual place. */
export interface FoundCatalogue {
  /** As the operator knows it. */
  readonly file: string;
  readonly wanted: Catalogue;
  /** Nobody has named it, and it is still the demo. */
  readonly isUnclaimedDemo: boolean;
}

/**
 * The catalogue at `named`, or else the one at its usual place, if there is one.
 *
 * @throws UsageError where it cannot be used
 */
export async function findCatalogue(
  named: string | undefined,
): Promise<FoundCatalogue | undefined> {
  const file = named ?? CATALOGUE_FILE;
  const path = named === undefined ? resolve(projectFolder, file) : resolve(named);
  if (named === undefined && !await exists(path)) return undefined;
  try {
    const wanted = await loadCatalogue(path, file, "--catalogue");
    const isUnclaimedDemo = named === undefined && wanted.organization.key === DEMO;
    return { file, wanted, isUnclaimedDemo };
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    throw new UsageError(error.sentences.join("\n"));
  }
}

const loaded = z.object({ default: z.unknown() });

/**
 * The catalogue that a file exports.
 *
 * @param given how the operator calls the file
 * @param option which option names it
 * @throws CatalogueError where it is none
 */
export async function loadCatalogue(
  file: string,
  given: string,
  option = "--file",
): Promise<Catalogue> {
  if (!await exists(file)) {
    throw new CatalogueError([`${option}: there is no ${given}; pull writes one, or name yours`]);
  }
  let found: unknown;
  try {
    found = await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof CatalogueError) throw error;
    const isNoModule = error instanceof Error && "code" in error &&
      error.code === "ERR_REQUIRE_CYCLE_MODULE";
    const reason = error instanceof Error ? error.message : String(error);
    throw new CatalogueError([
      isNoModule
        ? `${option}: ${given} is not read as a module: name it .mts, or keep it in this project`
        : `${option}: ${given} cannot be read: ${reason}`,
    ]);
  }
  const { default: exported } = loaded.parse(found);
  if (exported === undefined) {
    throw new CatalogueError([
      `${option}: ${given} has no default export: export default defineCatalogue({ … })`,
    ]);
  }
  return readCatalogue(exported);
}

export const exists = (file: string): Promise<boolean> =>
  access(file).then(() => true, () => false);
