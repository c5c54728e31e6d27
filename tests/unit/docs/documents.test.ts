import { spawnSync } from "node:child_process";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { commandFor, handledEventTypes } from "../../../shared/domain/event-command.ts";
import { transitions } from "../../../shared/domain/session-status.ts";
import { environmentNames, stripeEnvironment } from "../../../shared/runtime/environment.ts";
import { blocksOf } from "../../support/docs/code-blocks.ts";
import { codeSpans, linkTargets, tableBelow } from "../../support/source/markdown.ts";
import { databaseClient } from "../../../scripts/database-url.ts";
import { management } from "../../../scripts/deploy/management.ts";
import { allSteps } from "../../../scripts/deploy/steps.ts";
import { connectStripe } from "../../../shared/stripe/client.ts";
import { permissions } from "../../../scripts/deploy/permissions.ts";
import { readSettings } from "../../../scripts/deploy/settings.ts";
import { projectFiles, readProjectFile } from "../../../scripts/source/project-files.ts";
import { nodesOf, stringOf, type SyntaxNode } from "../../../scripts/source/syntax.ts";

const readme = readProjectFile("README.md");
const api = readProjectFile("docs/api.md");
const deployment = readProjectFile("docs/deploy.md");
/** The guide's command that writes the file of settings. */
const writesSettings = blocksOf("docs/deploy.md", "sh").find((text) => text.includes("> .env")) ??
  "";
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readProjectFile("package.json")));

const plain = (cell: string): string => cell.replaceAll("`", "");

/** `npm start` and `npm test` are short for `npm run start` and `npm run test`. */
const scriptOf = (command: string): string =>
  /\bnpm (?:run )?([a-z][a-z:-]*)/.exec(command)?.[1] ?? "";

describe("the endpoint table", () => {
  const entryPoints = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path));

  it("has exactly the calls that the functions route", () => {
    const routed = entryPoints.flatMap((path) => {
      const slug = path.split("/")[2] ?? "";
      return routesOf(path, readProjectFile(path)).map((call) => `${slug}: ${call}`);
    });
    const told = tableBelow(api, "## Endpoints").map(([slug = "", call = ""]) =>
      `${plain(slug)}: ${plain(call)}`
    );
    expect(told.toSorted()).toEqual(routed.toSorted());
  });

  it("leaves out no function", () => {
    const told = tableBelow(api, "## Endpoints").map(([slug = ""]) => plain(slug));
    const slugs = entryPoints.map((path) => path.split("/")[2]);
    expect(slugs).not.toEqual([]);
    expect(new Set(told)).toEqual(new Set(slugs));
  });

  it("says for every call what proves its caller", () => {
    for (const row of tableBelow(api, "## Endpoints")) {
      expect(row).toHaveLength(4);
      expect(row).not.toContain("");
    }
  });
});

describe("the environment table", () => {
  const variables = readProjectFile("docs/environment.md");

  it("has exactly the variables that shared/runtime/environment.ts reads", () => {
    const told = tableBelow(variables, "## Variables").map(([name = ""]) => plain(name));
    expect(told).toEqual([...environmentNames]);
  });

  it("agrees with the settings that the guide writes down", () => {
    const set = [...writesSettings.matchAll(/^(?:console\.log\(`)?([A-Z_]+)=/gm)]
      .map((match) => match[1] ?? "");
    const asked = tableBelow(variables, "## Variables")
      .filter(([, , setBy]) => setBy === "you").map(([name = ""]) => plain(name));
    expect(set.toSorted()).toEqual([...asked, "DATABASE_URL", "SUPABASE_ACCESS_TOKEN"].toSorted());
  });
});

describe("commands", () => {
  it("are all in the table, and nothing else is", () => {
    const told = tableBelow(readProjectFile("docs/operations.md"), "## Commands")
      .map(([command = ""]) => scriptOf(command));
    expect(told.toSorted()).toEqual(Object.keys(scripts).toSorted());
  });

  it.each(projectFiles((path) => path.endsWith(".md")))("of %s exist", (path) => {
    const text = readProjectFile(path);
    const commands = [
      ...codeSpans(text),
      ...blocksOf(path, "sh").flatMap((block) => block.split("\n")),
    ]
      .map(scriptOf)
      .filter((name) => !["", "ci", "install"].includes(name));
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("the states diagram", () => {
  it("has exactly the edges that a session may take", () => {
    const diagram = blocksOf("docs/api.md", "mermaid").find((block) => block.startsWith("state")) ??
      "";
    const drawn = [...diagram.matchAll(/^\s*(\w+) --> (\w+)$/gm)].map(([, from, to]) =>
      `${from} ${to}`
    );
    const allowed = Object.entries(transitions)
      .flatMap(([from, targets]) => targets.map((to) => `${from} ${to}`));
    expect(drawn.toSorted()).toEqual(allowed.toSorted());
  });
});

describe("the events that an endpoint is sent", () => {
  it("are every event type that the code knows", () => {
    const path = "shared/domain/event-command.ts";
    const known = nodesOf(path, readProjectFile(path))
      .flatMap((node) => stringOf(node) ?? [])
      .filter((text) => /^[a-z_]+(\.[a-z_]+)+$/.test(text));
    expect(known).not.toEqual([]);
    expect([...handledEventTypes].toSorted()).toEqual([...new Set(known)].toSorted());
  });

  it.each(handledEventTypes)("do not hold %s in vain", (type) => {
    const object = {
      id: "id",
      payment_intent: "id",
      charge: "id",
      parent: { subscription_details: { subscription: "id" } },
    };
    expect(commandFor({ type, data: { object } }).kind).not.toBe("ignore");
  });
});

describe("the guide to deploy", () => {
  const ref = "abcdefghijklmnopqrst";
  /** What the guide's command writes, with values in the place of what the operator fills in. */
  const written = () => {
    const script = writesSettings.replace("> .env", "");
    const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
    return parseEnv(
      stdout.replaceAll("…", "x").replace("<ref>", ref).replace("<password>", "x"),
    );
  };

  it("lists the permissions that a restricted key is tried for", () => {
    expect(tableBelow(deployment, "## 1. Write down the settings")).toEqual(
      permissions.map(({ resource, access }) => [resource, access]),
    );
  });

  it("has settings that deploy takes, but for the values that are the operator's own", () => {
    expect(readSettings(ref, written())).toMatchObject({ ref, livemode: false });
  });

  it("names the steps as the command does, in their order", () => {
    const settings = readSettings(ref, written());
    const steps = allSteps({
      settings,
      folder: "",
      migrations: [],
      database: databaseClient(settings.databaseUrl),
      management: management(settings, ""),
      stripe: connectStripe(stripeEnvironment(settings.secrets)),
    }, {
      organization: undefined,
      catalogue: undefined,
      sources: false,
      newDigestKey: false,
      newWebhookSecrets: false,
      show: () => undefined,
    });
    const told = tableBelow(deployment, "## 2. Deploy").map(([step = ""]) => step);
    expect(told).toEqual(["preflight", ...steps.map(({ name }) => name)]);
  });
});

describe("the layout", () => {
  const all = projectFiles(() => true);

  it.each(
    tableBelow(readProjectFile("CONTRIBUTING.md"), "## Layout").map(([place = ""]) => plain(place)),
  )(
    "names %s, which exists",
    (place) => {
      expect(all.some((path) => path === place || path.startsWith(place))).toBe(true);
    },
  );
});

describe("the README", () => {
  it("is read in a few minutes", () => {
    expect(readme.split("\n").length).toBeLessThan(175);
  });

  it("leads to every document of the project", () => {
    const documents = projectFiles((path) => /^(docs\/)?[^/]+\.md$/.test(path))
      .filter((path) => path !== "README.md");
    expect(documents.length).toBeGreaterThan(8);
    const targets = new Set(linkTargets(readme).map((target) => target.split("#")[0]));
    expect(documents.filter((path) => !targets.has(path))).toEqual([]);
  });
});

/** The calls of an entry point, from its route objects: `POST /checkout-create`. */
function routesOf(path: string, text: string): string[] {
  return nodesOf(path, text).flatMap((node) => {
    if (node.type !== "ObjectExpression") return [];
    const method = property(node, "method");
    const route = property(node, "path");
    return method === undefined || route === undefined ? [] : [`${method} ${route}`];
  });
}

const named = z.object({ key: z.object({ name: z.string() }), value: z.unknown() });

function property(node: SyntaxNode, name: string): string | undefined {
  const properties = z.array(z.unknown()).parse(node["properties"]);
  const found = properties.map((each) => named.safeParse(each).data)
    .find((each) => each?.key.name === name);
  return stringOf(found?.value);
}
