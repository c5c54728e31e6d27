import { posix } from "node:path";
import { importsOf } from "../../../scripts/source/imports.ts";

/** Paths relative to the project's root, with their text. */
export type Sources = ReadonlyMap<string, string>;

/** What the files of one folder may import: folders or files of ours, and packages. */
interface Rule {
  readonly files: RegExp;
  /** Matched against the imported file's path; `$1` stands for what `files` has captured. */
  readonly ours: string;
  /** Undefined: every package of deno.json. */
  readonly packages?: RegExp;
  /** It is not deployed, so deno.json has no say in its packages. */
  readonly undeployed?: true;
  /** The one file of another kind that it may have, which the deploy tool uploads with it. */
  readonly data?: string;
  /** The one module of Node's that it may have, which the platform has as well. */
  readonly builtin?: string;
}

/** The rooms of `shared/` that hold no more than what lies below them: each imports itself and those named. */
const rooms: readonly (readonly [string, string])[] = [
  // An error says what the contract's table says.
  ["runtime", "contract"],
  ["telemetry", "runtime"],
  ["http", "contract|runtime|telemetry"],
  ["tokens", "contract|domain|http|runtime"],
  ["database", "contract|domain|runtime"],
  ["stripe", "contract|domain|http|runtime"],
  ["checkout", "contract|database|domain|http|runtime|stripe"],
  ["sync", "checkout|contract|database|domain|http|runtime|stripe"],
  // Where functions are put together: nothing below knows how.
  ["compose", "checkout|contract|database|domain|http|runtime|stripe|sync|telemetry|tokens"],
];

/** The first rule whose `files` fit holds. */
const rules: readonly Rule[] = [
  { files: /^shared\/domain\//, ours: "^shared/(domain|contract)/", packages: /^zod\// },
  { files: /^shared\/contract\//, ours: "^shared/contract/", packages: /^zod\// },
  // Nothing on the web tells which request an awaited call belongs to.
  {
    files: /^shared\/telemetry\/dependency-calls\.ts$/,
    ours: "^shared/(telemetry|runtime)/",
    builtin: "node:async_hooks",
  },
  ...rooms.map(([room, below]) => ({
    files: new RegExp(`^shared/${room}/`),
    ours: `^shared/(${room}${below === "" ? "" : `|${below}`})/`,
  })),
  // Types of what the platform brings along.
  { files: /^shared\/[a-z-]+\.d\.ts$/, ours: "^(?!)" },
  {
    files: /^supabase\/functions\/checkout\/openapi\.ts$/,
    ours: "^(?!)",
    data: "docs/openapi.json",
  },
  {
    files: /^supabase\/functions\/(checkout|sdk|features)\//,
    ours: "^(shared/|supabase/functions/($1/|[a-z-]+/handler\\.ts$))",
  },
  {
    files: /^supabase\/functions\/([a-z-]+)\//,
    ours: "^(shared/|supabase/functions/$1/)",
  },
  // An operator's tool: it says what is sold, and does not take part in selling it.
  {
    files: /^catalogue\//,
    ours: "^(catalogue|shared/(contract|domain|stripe))/",
    packages: /^(node:[a-z_/]+|pg|stripe|zod)$/,
    undeployed: true,
  },
  // A browser's: it brings nothing along, and of the contract only types, as a test of what is built of it shows.
  {
    files: /^packages\/checkout\/src\/react\//,
    ours: "^(packages/checkout/src/|shared/contract/|shared/domain/currencies\\.ts$)",
    packages: /^(react|@tanstack\/react-query)$/,
    undeployed: true,
  },
  {
    files: /^packages\/checkout\/src\//,
    ours: "^(packages/checkout/src/(?!react/)|shared/contract/)",
    packages: /^@supabase\/supabase-js$/,
    undeployed: true,
  },
  // A claim about Stripe that knew our code would prove nothing about it.
  {
    files: /^packages\/stripe-simulator\//,
    ours: "^packages/stripe-simulator/",
    packages: /^(node:[a-z_/]+|ajv|stripe|vitest|zod)$/,
    undeployed: true,
  },
];

/** The folder of the package of ours that a file is part of. */
const packageOf = (path: string) => /^packages\/[^/]+\//.exec(path)?.[0] ?? "";

/** Whether a file is deployed. */
export const isShipped = (path: string): boolean => /^(shared|supabase)\//.test(path);

/**
 * What breaks a boundary, one line each. `packages` are the names that deno.json maps; one that ends
 * in `/` stands for all below it.
 */
export function violations(sources: Sources, packages: readonly string[]): string[] {
  if (![...sources.keys()].some(isShipped)) return ["no shipped file was found"];
  return [...sources].flatMap(([path, text]) =>
    importsOf(path, text).flatMap((name) => {
      const reason = objection(path, name, sources, packages);
      return reason === undefined
        ? []
        : [`${path} imports ${name ?? "a computed name"}: ${reason}`];
    })
  );
}

function objection(
  path: string,
  name: string | null,
  sources: Sources,
  packages: readonly string[],
): string | undefined {
  const rule = rules.find(({ files }) => files.test(path));
  if (isShipped(path) && rule === undefined) return "no rule says where this file belongs";
  // Tests load files by computed names; what is deployed must be found by reading the code alone.
  if (name === null) return rule && "the deploy tool cannot follow it";
  if (!/^(\.{0,2}\/|\.{1,2}$)/.test(name)) return rule && packageObjection(name, rule, packages);

  const target = posix.join(posix.dirname(path), name);
  // Upper and lower case count here, as they do on the machines that run it.
  if (target === rule?.data) return undefined;
  if (!sources.has(target)) return "there is no such file; the ending belongs to the name";
  if (!path.startsWith(packageOf(target))) return "a package is imported by its name";
  if (rule === undefined) return undefined;
  if (!(rule.undeployed ? /\.tsx?$/ : /\.ts$/).test(name)) {
    return "the deploy tool follows names that end in .ts";
  }
  const captured = rule.files.exec(path)?.[1] ?? "";
  const allowed = new RegExp(rule.ours.replace("$1", captured));
  return allowed.test(target) ? undefined : "it lies beyond the boundary";
}

function packageObjection(
  name: string,
  rule: Rule,
  packages: readonly string[],
): string | undefined {
  if (name === rule.builtin) return undefined;
  if (
    rule.undeployed === undefined &&
    !packages.some((known) => known.endsWith("/") ? name.startsWith(known) : name === known)
  ) {
    return "deno.json maps no such package";
  }
  return rule.packages === undefined || rule.packages.test(name)
    ? undefined
    : "this package is not for this folder";
}
