// `npm run types`: writes shared/database/database.types.ts from the migrations.
import { writeFile } from "node:fs/promises";
import { applyMigrations, generateTypes } from "./migrate.ts";
import { startPostgres } from "./postgres/index.ts";

const postgres = await startPostgres();
try {
  await applyMigrations(postgres.databaseUrl);
  const file = new URL("../shared/database/database.types.ts", import.meta.url);
  await writeFile(file, await generateTypes(postgres.databaseUrl));
} finally {
  await postgres.stop();
}
