import { randomUUID } from "node:crypto";
import { atMost, type Figure, type Target } from "../figure.ts";
import { startHandler } from "../yardsticks/start.ts";

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
    const { stack, functionUrl } = await ground.market();
    const ours = ({ slug, path, init }: FirstRequest) => async () => {
      await stack.functions.kill(slug);
      const begun = performance.now();
      await stack.functions.restart(slug);
      const response = await fetch(`${await functionUrl(slug)}${path}`, init);
      await response.arrayBuffer();
      const took = performance.now() - begun;
      if (response.status < 400 || response.status >= 500) {
        throw new Error(`${slug} answers its first request with ${response.status}`);
      }
      return took;
    };
    const bare = async () => {
      const begun = performance.now();
      const handler = await startHandler(ground.folder, "bare");
      await (await fetch(handler.url)).arrayBuffer();
      const took = performance.now() - begun;
      await handler.stop();
      return took;
    };
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
