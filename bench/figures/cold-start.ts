import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryOf } from "../../scripts/bundle/bundle.ts";
import { bundledFunctions } from "../../scripts/bundle/kept.ts";
import { projectFolder } from "../../stack/migrate.ts";
import { atMost, type Figure, type Target } from "../figure.ts";
import { startAlone } from "../yardsticks/start.ts";

interface First {
  readonly path: string;
  readonly init: RequestInit | undefined;
}

interface FirstRequest {
  readonly slug: string;
  /** Below the function's own address. */
  readonly path: string;
  readonly init?: RequestInit;
  readonly target: Target;
}

const json = { "content-type": "application/json" };

/** Requests that the handler itself refuses, at the first look and without asking anybody: the start is all that they wait for. */
const first: readonly FirstRequest[] = [
  { slug: "checkout-status", path: "/no-id", target: atMost(1.5) },
  { slug: "entitlements", path: "", target: atMost(1.5) },
  {
    slug: "checkout-create",
    path: "",
    init: { method: "POST", headers: json, body: "{}" },
    target: atMost(2),
  },
  {
    slug: "checkout-confirm",
    path: "",
    init: { method: "POST", headers: json, body: "{}" },
    target: atMost(2),
  },
  {
    slug: "stripe-webhook",
    path: "",
    init: { method: "POST", headers: { ...json, "stripe-signature": "t=1,v1=0" }, body: "{}" },
    target: atMost(2),
  },
  { slug: "sdk", path: `/v1/checkout/${randomUUID()}/none`, target: atMost(2) },
];

/** How long a visitor waits for a function that no isolate runs. */
export const coldStart: Figure = {
  name: "cold-start",
  title: "Cold start, process start to first answer",
  unit: "ms",
  yardstick: "`deno serve` of a handler that imports nothing",
  rounds: 7,
  async open(ground) {
    const { stack } = await ground.market();
    const bundles = await bundledFunctions(projectFolder, ground.folder.path);
    const started = async (file: string, env: Readonly<Record<string, string>>, asked?: First) => {
      const begun = performance.now();
      const handler = await startAlone(ground.folder, file, env);
      const response = await fetch(`${handler.url}${asked?.path ?? ""}`, asked?.init);
      await response.arrayBuffer();
      const took = performance.now() - begun;
      await handler.stop();
      const { status } = response;
      if (asked === undefined ? status !== 200 : status < 400 || status >= 500) {
        throw new Error(`${file} answers its first request with ${status}`);
      }
      return took;
    };
    const ours = ({ slug, path, init }: FirstRequest) => () =>
      started(join(bundles, entryOf(slug)), stack.environment, { path: `/${slug}${path}`, init });
    const file = fileURLToPath(new URL("../yardsticks/bare.ts", import.meta.url));
    const bare = () => started(file, {});
    const rows = first.map((one) => ({
      name: one.slug,
      measure: ours(one),
      yardstick: bare,
      target: one.target,
    }));
    // Deno keeps what it has compiled; the platform brings a bundle along.
    for (const { measure } of rows) await measure();
    await bare();
    return { rows };
  },
};
