import { createCheckoutClient, type Snapshot } from "@billingos/checkout";
import { describe, expect, it, type TestContext } from "vitest";
import { type Answer, json, refuse, serve } from "./local-server.ts";

const id = "5f1e8f9e-0000-4000-8000-000000000000";
type Row = readonly [version: number, status: Snapshot["status"]];

/** Answers one after the other, the last one from then on. */
function inTurn(...answers: readonly [Answer, ...Answer[]]): Answer {
  let asked = 0;
  return (response, request) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(response, request);
  };
}
const at = (...[version, status]: Row): Answer => (response) =>
  json(response, 200, { id, version, status });
const versionsOf = (seen: readonly Snapshot[]) => seen.map(({ version }) => version);

const limited: Answer = (response) => {
  response.setHeader("retry-after", "2");
  refuse(response, 429, "rate_limited");
};

/** Watches with callbacks to the end. */
async function watched(answer: Answer, { onTestFinished }: TestContext) {
  const { functionsUrl, received } = await serve(answer, onTestFinished);
  const seen: Snapshot[] = [];
  const error = await new Promise((resolve) => {
    createCheckoutClient({ functionsUrl }).watch({ id }, {
      onSnapshot: (snapshot) => seen.push(snapshot),
      onEnd: resolve,
    });
  });
  return { seen, error, received };
}

describe.concurrent("a watch without a channel", () => {
  it("tells each newer version once, none that is older, and ends with the final one", async (test) => {
    const { seen, error } = await watched(
      inTurn(at(2, "pending"), at(1, "failed"), at(2, "pending"), at(5, "succeeded")),
      test,
    );
    expect(versionsOf(seen)).toEqual([2, 5]);
    expect(error).toBeUndefined();
  });

  it.for<Snapshot["status"]>(["succeeded", "failed", "canceled"])(
    "ends at once where the checkout is %s already",
    async (status, test) => {
      const { seen, received } = await watched(at(3, status), test);
      expect(versionsOf(seen)).toEqual([3]);
      expect(received).toHaveLength(1);
    },
  );

  it("goes on where the checkout has expired: it may still be paid", async (test) => {
    const { seen } = await watched(inTurn(at(1, "expired"), at(2, "succeeded")), test);
    expect(seen.map(({ status }) => status)).toEqual(["expired", "succeeded"]);
  });

  it.for<[string, Answer]>([
    ["a gateway's page", (r) => r.writeHead(502).end("<html>")],
    ["a page that says nothing is there", (r) => r.writeHead(404).end("<html>")],
    ["a connection that is cut", (r) => r.destroy()],
    ["a failure", (r) => refuse(r, 500, "internal_error")],
    [
      "a snapshot of another session",
      (r) => json(r, 200, { id: "x", version: 9, status: "failed" }),
    ],
  ])("outlasts %s", async ([, answer], test) => {
    const { seen, error } = await watched(inTurn(answer, at(1, "succeeded")), test);
    expect(versionsOf(seen)).toEqual([1]);
    expect(error).toBeUndefined();
  });

  it("waits as long as Retry-After says", async (test) => {
    const times: number[] = [];
    const answer = inTurn(limited, at(1, "succeeded"));
    await watched((response, request) => {
      times.push(performance.now());
      answer(response, request);
    }, test);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThan(1_950);
  });

  it("ends with the error where there is no such session", async (test) => {
    const { seen, error } = await watched(
      (response) => refuse(response, 404, "session_not_found"),
      test,
    );
    expect(seen).toEqual([]);
    expect(error).toMatchObject({ name: "NotFoundError", code: "session_not_found" });
  });
});

describe("an iteration over a session's snapshots", () => {
  it("has each newer version and ends after the final one", async () => {
    const { functionsUrl } = await serve(
      inTurn(at(1, "pending"), at(2, "processing"), at(3, "succeeded")),
    );
    const seen: Snapshot[] = [];
    for await (const snapshot of createCheckoutClient({ functionsUrl }).watch({ id })) {
      seen.push(snapshot);
    }
    expect(versionsOf(seen)).toEqual([1, 2, 3]);
  });

  it("asks nothing before it begins, and nothing after it was left", async () => {
    const { functionsUrl, received } = await serve(at(1, "pending"));
    const snapshots = createCheckoutClient({ functionsUrl }).watch({ id });
    expect(received).toEqual([]);
    for await (const { version } of snapshots) {
      expect(version).toBe(1);
      break;
    }
    expect(await snapshots.next()).toEqual({ done: true, value: undefined });
    expect(received).toHaveLength(1);
  });

  it("is left at once also while it waits, and whoever waits is told that it is over", async () => {
    const { functionsUrl } = await serve(at(1, "pending"));
    const snapshots = createCheckoutClient({ functionsUrl }).watch({ id });
    await snapshots.next();
    const waiting = [snapshots.next(), snapshots.next()];
    const over = { done: true, value: undefined };
    expect(await snapshots.return?.()).toEqual(over);
    expect(await Promise.all(waiting)).toEqual([over, over]);
  });

  it("answers several who wait in their order, and the error once", async () => {
    const { functionsUrl } = await serve(
      inTurn(
        at(1, "pending"),
        at(2, "processing"),
        (response) => refuse(response, 404, "session_not_found"),
      ),
    );
    const snapshots = createCheckoutClient({ functionsUrl }).watch({ id });
    const asked = [snapshots.next(), snapshots.next(), snapshots.next(), snapshots.next()];
    expect(await Promise.allSettled(asked)).toMatchObject([
      { value: { value: { version: 1 } } },
      { value: { value: { version: 2 } } },
      { status: "rejected", reason: { code: "session_not_found" } },
      { value: { done: true } },
    ]);
  });

  it("throws where there is no such session", async () => {
    const { functionsUrl } = await serve((response) => refuse(response, 404, "session_not_found"));
    await expect(createCheckoutClient({ functionsUrl }).watch({ id }).next()).rejects
      .toMatchObject({ code: "session_not_found" });
  });

  it.each(["before it begins", "while it waits"])(
    "throws the signal's reason: aborted %s",
    async (when) => {
      const { functionsUrl } = await serve(at(1, "pending"));
      const leave = new AbortController();
      const reason = new Error("the page was left");
      if (when === "before it begins") leave.abort(reason);
      const snapshots = createCheckoutClient({ functionsUrl }).watch({ id }, {
        signal: leave.signal,
      });
      const all = async () => {
        for await (const _ of snapshots) leave.abort(reason);
      };
      await expect(all()).rejects.toBe(reason);
    },
  );
});

describe("a watch with callbacks", () => {
  it("that is aborted calls back no more, nor reads", async () => {
    const leave = new AbortController();
    const { functionsUrl, received } = await serve((response, request) => {
      leave.abort();
      at(1, "succeeded")(response, request);
    });
    const called: string[] = [];
    const options = {
      signal: leave.signal,
      onSnapshot: () => called.push("snapshot"),
      onEnd: () => called.push("end"),
    };
    const watch = createCheckoutClient({ functionsUrl }).watch({ id }, options);
    await new Promise((resolve) => {
      leave.signal.addEventListener("abort", resolve);
    });
    await watch.stop();
    // One that was aborted before asks nothing at all.
    await createCheckoutClient({ functionsUrl }).watch({ id }, options).stop();
    expect(called).toEqual([]);
    expect(received).toHaveLength(1);
  });
});
