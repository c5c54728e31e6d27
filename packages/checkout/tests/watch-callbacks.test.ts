import { createCheckoutClient } from "@billingos/checkout";
import { afterEach, describe, expect, it, vi } from "vitest";
import { json, serve } from "./local-server.ts";
import { uncaught } from "../../../tests/support/uncaught.ts";

const id = "5f1e8f9e-0000-4000-8000-000000000000";

describe("what a callback of a watch throws", () => {
  it("is reported as the app's own, and the watch ends as it would have", async () => {
    const { functionsUrl, received } = await serve((response) =>
      json(response, 200, { id, version: 3, status: "succeeded" })
    );
    const reported = uncaught();
    const [ofSnapshot, ofEnd] = [new Error("of onSnapshot"), new Error("of onEnd")];
    const told: string[] = [];
    await new Promise<void>((resolve) => {
      createCheckoutClient({ functionsUrl }).watch({ id }, {
        onSnapshot: () => {
          told.push("snapshot");
          throw ofSnapshot;
        },
        onEnd: () => {
          told.push("end");
          resolve();
          throw ofEnd;
        },
      });
    });
    await vi.waitFor(() => expect(reported).toEqual([ofSnapshot, ofEnd]));
    expect(told).toEqual(["snapshot", "end"]);
    expect(received).toHaveLength(1);
  });

  it("is no failed reading: the next one comes as soon", async () => {
    let version = 0;
    const { functionsUrl } = await serve((response) => {
      version += 1;
      json(response, 200, { id, version, status: version < 3 ? "pending" : "succeeded" });
    });
    const reported = uncaught();
    const seen: number[] = [];
    await new Promise<unknown>((resolve) => {
      createCheckoutClient({ functionsUrl }).watch({ id }, {
        onSnapshot: (snapshot) => {
          seen.push(snapshot.version);
          throw new Error(`of ${snapshot.version}`);
        },
        onEnd: resolve,
      });
    });
    expect(seen).toEqual([1, 2, 3]);
    await vi.waitFor(() => expect(reported.map(String)).toEqual(seen.map((n) => `Error: of ${n}`)));
  });
});

describe("an expired session in a tab that is left open", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is read ever more rarely, and still seen when money lands late", async () => {
    vi.useFakeTimers();
    let reads = 0;
    let status = "expired";
    const client = createCheckoutClient({
      functionsUrl: "https://example.com",
      fetch: () => {
        reads += 1;
        return Promise.resolve(
          Response.json({ id, version: status === "expired" ? 2 : 3, status }),
        );
      },
    });
    const seen: string[] = [];
    client.watch({ id }, { onSnapshot: (snapshot) => seen.push(snapshot.status) });
    const hour = 3_600_000;
    await vi.advanceTimersByTimeAsync(hour);
    expect(reads).toBeLessThan(16);
    await vi.advanceTimersByTimeAsync(24 * hour);
    expect(reads).toBeGreaterThan(24);
    expect(reads).toBeLessThan(48);
    status = "succeeded";
    await vi.advanceTimersByTimeAsync(2 * hour);
    expect(seen).toEqual(["expired", "succeeded"]);
    const last = reads;
    await vi.advanceTimersByTimeAsync(24 * hour);
    expect(reads).toBe(last);
  });
});
