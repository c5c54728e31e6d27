import { createCheckoutClient, type Snapshot } from "@billingos/checkout";
import { createClient } from "@supabase/supabase-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nodeTransport } from "../../../stack/realtime/node-transport.ts";

const id = "5f1e8f9e-0000-4000-8000-000000000000";
const realtime = { topic: `checkout:${id}`, event: "checkout.updated" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A client of supabase-js whose channel is up, and tells what a test has it tell. */
function channelOfTheTest() {
  const supabase = createClient("http://127.0.0.1:9", "sb_publishable_key", {
    realtime: { transport: nodeTransport },
  });
  const channel = supabase.channel(realtime.topic);
  let told: Parameters<typeof channel.subscribe>[0];
  const state = (name: string): void => {
    Reflect.apply(told ?? (() => undefined), undefined, [name]);
  };
  const on = vi.spyOn(channel, "on").mockReturnThis();
  vi.spyOn(channel, "subscribe").mockImplementation((tell) => {
    told = tell;
    state("SUBSCRIBED");
    return channel;
  });
  const joins = vi.spyOn(supabase, "channel").mockReturnValue(channel);
  vi.spyOn(supabase, "removeChannel").mockResolvedValue("ok");
  const tell = (payload: unknown) => {
    const [, , listener] = on.mock.lastCall ?? [];
    Reflect.apply(listener ?? (() => undefined), undefined, [{ payload }]);
  };
  return { supabase, tell, close: () => state("CLOSED"), joins };
}

describe("a success that the channel tells of and no read shows", () => {
  it("is shown in the end, and read for no more than any other from then on", async () => {
    vi.useFakeTimers();
    const { supabase, tell } = channelOfTheTest();
    let reads = 0;
    const seen: Snapshot["version"][] = [];
    const watch = createCheckoutClient({
      functionsUrl: "http://127.0.0.1:9",
      supabase,
      fetch: () => {
        reads += 1;
        return Promise.resolve(Response.json({ id, version: 1, status: "processing" }));
      },
    }).watch({ id, realtime }, {
      beyondEnd: true,
      onSnapshot: ({ version }) => seen.push(version),
    });
    await vi.advanceTimersByTimeAsync(2_000);
    tell({ id, version: 2, status: "succeeded" });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(seen).toEqual([1]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seen).toEqual([1, 2]);
    const before = reads;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads - before).toBeLessThanOrEqual(4);
    await watch.stop();
  });
});

describe("a channel that comes up", () => {
  it("has status read no sooner than Retry-After says", async () => {
    vi.useFakeTimers();
    const { supabase } = channelOfTheTest();
    let reads = 0;
    const watch = createCheckoutClient({
      functionsUrl: "http://127.0.0.1:9",
      supabase,
      fetch: () => {
        reads += 1;
        const error = { code: "rate_limited", message: "" };
        const headers = { "retry-after": "30" };
        return Promise.resolve(Response.json({ error }, { status: 429, headers }));
      },
    }).watch({ id, realtime }, { onSnapshot: () => undefined });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reads).toBe(2);
    await watch.stop();
  });
});

describe("a channel that is closed", () => {
  it("is joined anew once the socket is down too, and by nobody once nobody watches", async () => {
    vi.useFakeTimers();
    const { supabase, close, joins } = channelOfTheTest();
    const client = createCheckoutClient({
      functionsUrl: "http://127.0.0.1:9",
      supabase,
      fetch: () => Promise.resolve(Response.json({ id, version: 1, status: "pending" })),
    });
    const watch = () => client.watch({ id, realtime }, { onSnapshot: () => undefined });
    const first = watch();
    close();
    await vi.advanceTimersByTimeAsync(3_000);
    const second = watch();
    expect(joins).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(joins).toHaveBeenCalledTimes(2);
    close();
    await Promise.all([first.stop(), second.stop()]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(joins).toHaveBeenCalledTimes(2);
  });
});
