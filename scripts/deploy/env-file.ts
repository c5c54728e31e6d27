import { existsSync } from "node:fs";
import type { EnvironmentRecord } from "../../shared/runtime/environment.ts";
import { environmentFile } from "../doctor/settings.ts";
import { UsageError } from "../usage-error.ts";

/** The settings of a file, `.env` unless told, behind those of the environment; the default file need not be there. */
export function settingsOf(env: EnvironmentRecord, file: string | undefined): EnvironmentRecord {
  const path = file ?? ".env";
  if (!existsSync(path)) {
    if (file !== undefined) throw new UsageError(`--env-file: there is no file ${file}`);
    return env;
  }
  return { ...environmentFile(path), ...env };
}
