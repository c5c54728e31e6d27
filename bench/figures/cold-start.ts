import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryOf } from "../../scripts/bundle/bundle.ts";
import { bundledFunctions } from "../../scripts/bundle/kept.ts";
import { projectFolder } from "../../stack/migrate.ts";
import { atMost, type Figure, type Target } from "../figure.ts";
import { startAlone } from "../yardsticks/start.ts";
import type { Shop } from "../../tests/support/shop.ts";

interface FirstRequest {
  readonly slug: string;
  /** What its row is called, where that is not the function. */
  readonly name?: string;
  /** Below the function's own address. */
  readonly path: string;
  readonly init?: RequestInit;
  readonly target?: Target;
}

const json = { "content-type": "application/json" };

/** Requests that the handler itself refuses, at the first look and without asking anybody: the start is all that they wait for. */
const refused: readonly FirstRequest[] = [
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

/** Requests of a page, with all that a first one loads and asks: what only moves from the start to the first answer is seen here. */
async function answered(shop: Shop): Promise<readonly FirstRequest[]> {
  const { id, priceId } = await shop.create();
  const authorization = `Bearer ${await shop.token()}`;
  return [
    { slug: "checkout-status", name: "checkout-status, answered", path: `/${id}` },
    {
      slug: "entitlements",
      name: "entitlements, answered",
      path: "",
      init: { headers: { authorization } },
    },
    {
      slug: "checkout-create",
      name: "checkout-create, answered",
      path: "",
      init: {
        method: "POST",
        headers: { ...json, authorization },
        body: JSON.stringify({ priceId }),
      },
    },
  ];
}

const isAnswered = (status: number) => status >= 200 && status < 300;
const isRefused = (status: number) => status >= 400 && status < 500;

/** How long a visitor waits for a function that no isolate runs. */
export const coldStart: Figure = {
  name: "cold-start",
  title: "Cold start, process start to first answer",
  unit: "ms",
  yardstick: "`deno serve` of a handler that imports nothing",
  rounds: 7,
  async open(ground) {
    const { stack, shop } = await ground.market();
    const bundles = await bundledFunctions(projectFolder, ground.folder.path);
    const started = async (
      file: string,
      env: Readonly<Record<string, string>>,
      isRight: (status: number) => boolean,
      { path, init }: Pick<FirstRequest, "path" | "init">,
    ) => {
      const begun = performance.now();
      const handler = await startAlone(ground.folder, file, env);
      const response = await fetch(`${handler.url}${path}`, init);
      await response.arrayBuffer();
      const took = performance.now() - begun;
      await handler.stop();
      if (!isRight(response.status)) {
        throw new Error(`${file} answers its first request with ${response.status}`);
      }
      return took;
    };
    const file = fileURLToPath(new URL("../yardsticks/bare.ts", import.meta.url));
    const bare = () => started(file, {}, isAnswered, { path: "/" });
    const rowOf =
      (isRight: (status: number) => boolean) =>
      ({ slug, name, path, init, target }: FirstRequest) => ({
        name: name ?? slug,
        measure: () =>
          started(join(bundles, entryOf(slug)), stack.environment, isRight, {
            path: `/${slug}${path}`,
            ...(init && { init }),
          }),
        yardstick: bare,
        ...(target && { target }),
      });
    const rows = [
      ...refused.map(rowOf(isRefused)),
      ...(await answered(shop)).map(rowOf(isAnswered)),
    ];
    // Deno keeps what it has compiled; the platform brings a bundle along.
    for (const { measure } of rows) await measure();
    await bare();
    return { rows };
  },
};
