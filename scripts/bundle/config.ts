/**
 * A project's `config.toml` for its bundled functions, which are JavaScript and import nothing by a name
 * (https://supabase.com/docs/guides/functions/function-configuration).
 */
export function bundledConfig(toml: string, slugs: readonly string[]): string {
  const lines = toml.split(/\r?\n/);
  for (const slug of slugs) {
    const header = `[functions.${slug}]`;
    const entry = `entrypoint = "./functions/${slug}/index.js"`;
    const at = lines.findIndex((line) => line.trim() === header);
    if (at === -1) lines.push(header, entry, "");
    else lines.splice(at + 1, 0, entry);
  }
  return lines.filter((line) => !/^\s*import_map\s*=/.test(line)).join("\n");
}
