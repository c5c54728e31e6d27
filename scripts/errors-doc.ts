// `npm run docs:errors`: writes docs/errors.md from the table in shared/contract/error-table.ts.
import { writeFile } from "node:fs/promises";
import { errorsDocument } from "./docs/errors.ts";

await writeFile(new URL("../docs/errors.md", import.meta.url), errorsDocument());
