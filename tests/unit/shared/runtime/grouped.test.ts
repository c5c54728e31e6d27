import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { grouped } from "../../../../shared/runtime/grouped.ts";

/** Calls that are answered when told to. */
function held() {
  const calls: { items: readonly string[]; end: (failure?: Error) => void }[] = [];
  const send = grouped<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        const answers = items.map((item) => `stored ${item}`);
        const end = (failure?: Error) => failure === undefined ? resolve(answers) : reject(failure);
        calls.push({ items: [...items], end });
      }),
  );
  return { send, calls, sent: () => calls.map(({ items }) => items) };
}

describe("what is sent in groups", () => {
  it("goes at once where nothing is under way", async () => {
    const { send, calls, sent } = held();
    const answer = send("a");
    await setImmediate();
    expect(sent()).toEqual([["a"]]);
    calls[0]?.end();
    expect(await answer).toBe("stored a");
  });

  it("goes together with all that comes meanwhile, each with its own answer, once its own call is answered", async () => {
    const { send, calls, sent } = held();
    const first = send("a");
    await setImmediate();
    const settled: string[] = [];
    const rest = ["b", "c", "d"].map(async (item) => settled.push(await send(item)));
    await setImmediate();
    expect(sent()).toEqual([["a"]]);
    calls[0]?.end();
    await first;
    await setImmediate();
    expect(sent()).toEqual([["a"], ["b", "c", "d"]]);
    expect(settled).toEqual([]);
    calls[1]?.end();
    await Promise.all(rest);
    expect(settled).toEqual(["stored b", "stored c", "stored d"]);
  });

  it("is no more than twenty at a time", async () => {
    const { send, calls, sent } = held();
    const all = Array.from({ length: 46 }, (_, place) => send(String(place)));
    for (let call = 0; call < 3; call += 1) {
      await setImmediate();
      calls[call]?.end();
    }
    await Promise.all(all);
    expect(sent().map((items) => items.length)).toEqual([20, 20, 6]);
  });

  it("goes alone where its group fails: one that always fails takes no other with it", async () => {
    const send = grouped<string, string>(
      (items) =>
        items.includes("bad")
          ? Promise.reject(new Error("cannot be stored"))
          : Promise.resolve(items.map((item) => `stored ${item}`)),
    );
    const outcomes = await Promise.allSettled(["a", "bad", "b"].map((item) => send(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("waits a second at most for a call that hangs", async () => {
    const { send, calls, sent } = held();
    void send("hangs");
    await setImmediate();
    const next = send("next");
    await setImmediate();
    expect(sent()).toEqual([["hangs"]]);
    await vi.waitFor(() => expect(sent()).toEqual([["hangs"], ["next"]]), { timeout: 60_000 });
    calls[1]?.end();
    expect(await next).toBe("stored next");
  });
});
