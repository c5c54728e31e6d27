import type { Client } from "pg";
import { functionSlugs } from "./function-slugs.ts";

/** What the platform says of a function. */
export interface PlatformFunction {
  readonly slug: string;
  /** One more with each upload. */
  readonly version: number;
  /** Unix milliseconds. */
  readonly updatedAt: number;
}

/**
 * The functions that do not run what is here, as far as that is known: the platform has another version than the one that was uploaded
 * from this digest, be it that somebody else has uploaded one since or that the last run died before it wrote this down.
 *
 * @param deployed of the platform, an app's among them
 */
export async function staleFunctions(
  database: Client,
  folder: string,
  deployed: readonly PlatformFunction[],
  digest: string,
): Promise<readonly string[]> {
  const { rows: [there] } = await database.query<{ table: string | null }>(
    "select to_regclass('billing.uploaded_functions')::text as table",
  );
  const { rows } = there?.table === null ? { rows: [] } : await database.query<{ state: string }>(
    "select concat_ws(' ', slug, version, platform_updated_at) as state from billing.uploaded_functions where digest = $1",
    [digest],
  );
  const uploaded = new Set(rows.map(({ state }) => state));
  const current = new Set(
    deployed.filter((one) => uploaded.has(`${one.slug} ${one.version} ${one.updatedAt}`))
      .map(({ slug }) => slug),
  );
  return (await functionSlugs(folder)).filter((slug) => !current.has(slug));
}

/**
 * Those that an upload has made the present ones, which has raised the version by one: where it has risen further somebody else
 * has uploaded another at the same time, and which of the two the platform has is not known.
 */
export function uploadedFrom(
  slugs: readonly string[],
  before: readonly PlatformFunction[],
  after: readonly PlatformFunction[],
): readonly PlatformFunction[] {
  const versions = new Map(before.map(({ slug, version }) => [slug, version]));
  return after.filter(({ slug, version }) =>
    slugs.includes(slug) && version === (versions.get(slug) ?? 0) + 1
  );
}

/** Writes down what the platform has since the upload of these sources. */
export async function recordUploads(
  database: Client,
  ours: readonly PlatformFunction[],
  digest: string,
): Promise<void> {
  await database.query(
    `insert into billing.uploaded_functions (slug, digest, version, platform_updated_at)
     select slug, $1, version, updated_at from unnest($2::text[], $3::bigint[], $4::bigint[]) as d (slug, version, updated_at)
     on conflict (slug) do update set
       digest = excluded.digest, version = excluded.version, platform_updated_at = excluded.platform_updated_at`,
    [
      digest,
      ours.map(({ slug }) => slug),
      ours.map(({ version }) => version),
      ours.map(({ updatedAt }) => updatedAt),
    ],
  );
}
