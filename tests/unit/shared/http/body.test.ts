import { describe, expect, it } from "vitest";
import * as z from "zod";
import { JSON_LIMIT, readBytes, readJson } from "../../../../shared/http/body.ts";

const anything = z.unknown();
const ADDRESS = "http://localhost/checkout-create";

interface Sent {
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  readonly headers?: Record<string, string>;
}

function request({ body, headers }: Sent): Request {
  // `duplex` is what a streamed body needs; the DOM's types do not know it.
  const init = {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
    duplex: "half",
  };
  return new Request(ADDRESS, init);
}

/** A JSON text of so many bytes. */
const jsonText = (size: number) => `"${"x".repeat(size - 2)}"`;

/** A body that comes in pieces and says no length; `pulled` counts the bytes that were asked for. */
function streamed(pieces: number, size: number) {
  let pulled = 0;
  let canceled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled >= pieces * size) {
        controller.close();
        return;
      }
      pulled += size;
      controller.enqueue(new Uint8Array(size).fill(0x20));
    },
    cancel() {
      canceled = true;
    },
  });
  return { body, pulled: () => pulled, canceled: () => canceled };
}

const refusal = (code: string, status: number) => ({ name: "CheckoutError", code, status });
const tooLarge = refusal("body_too_large", 413);

describe("a body's size", () => {
  it.each([
    ["nothing", 0],
    ["one byte", 1],
    ["exactly the limit", 1_000],
  ])("is read: %s", async (_what, size) => {
    const bytes = await readBytes(request({ body: new Uint8Array(size).fill(7) }), 1_000);
    expect(bytes).toEqual(new Uint8Array(size).fill(7));
  });

  it("is nothing where there is no body", async () => {
    expect(await readBytes(request({ body: null }), 1_000)).toEqual(new Uint8Array());
  });

  it("is read in pieces up to exactly the limit", async () => {
    expect(await readBytes(request({ body: streamed(10, 100).body }), 1_000)).toHaveLength(1_000);
  });

  it("one byte over the limit is refused", async () => {
    await expect(readBytes(request({ body: new Uint8Array(1_001) }), 1_000))
      .rejects.toMatchObject(tooLarge);
  });

  it("is refused unread where its length says so", async () => {
    const { body, pulled } = streamed(1_000, 100);
    const atMost = pulled() + 100;
    await expect(readBytes(request({ body, headers: { "content-length": "1001" } }), 1_000))
      .rejects.toMatchObject(tooLarge);
    expect(pulled()).toBeLessThanOrEqual(atMost);
  });

  it("is cut off where it goes on without end", async () => {
    const { body, pulled, canceled } = streamed(Number.POSITIVE_INFINITY, 100);
    await expect(readBytes(request({ body }), 1_000)).rejects.toMatchObject(tooLarge);
    expect(pulled()).toBeLessThan(2_000);
    expect(canceled()).toBe(true);
  });

  it.each(["5", "0", "-1", "", "abc", "NaN", "0x10", "1e2", " 5 ", "5, 5"])(
    "counts what comes and not what content-length claims: %j",
    async (claimed) => {
      const sent = request({
        body: streamed(20, 100).body,
        headers: { "content-length": claimed },
      });
      await expect(readBytes(sent, 1_000)).rejects.toMatchObject(tooLarge);
    },
  );

  it("hands on what broke the connection", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError("connection reset")),
    });
    await expect(readBytes(request({ body: broken }), 1_000)).rejects.toThrow("connection reset");
  });

  it("of JSON is at most 64 KiB", async () => {
    expect(JSON_LIMIT).toBe(65_536);
    expect(await readJson(request({ body: jsonText(65_536) }), anything)).toHaveLength(65_534);
    await expect(readJson(request({ body: jsonText(65_537) }), anything)).rejects.toMatchObject(
      tooLarge,
    );
  });
});

describe("a content type", () => {
  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "application/json ; charset=utf-8",
    "APPLICATION/JSON",
    " application/json ",
  ])("is JSON: %j", async (type) => {
    const sent = request({ body: '{"a":1}', headers: { "content-type": type } });
    expect(await readJson(sent, anything)).toEqual({ a: 1 });
  });

  it.each([
    "",
    "text/plain",
    "text/plain; application/json",
    "text/json",
    "application/jsonp",
    "application/json-patch+json",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/json,text/plain",
    "x-application/json",
  ])("is not JSON, so that no page can send it without asking first: %j", async (type) => {
    const sent = request({ body: '{"a":1}', headers: { "content-type": type } });
    await expect(readJson(sent, anything))
      .rejects.toMatchObject(refusal("content_type_unsupported", 415));
  });

  it("is needed", async () => {
    const sent = new Request(ADDRESS, { method: "POST", body: new TextEncoder().encode("{}") });
    expect(sent.headers.get("content-type")).toBeNull();
    await expect(readJson(sent, anything))
      .rejects.toMatchObject(refusal("content_type_unsupported", 415));
  });
});

describe("a body that is no JSON", () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ["nothing", ""],
    ["white space", " \n"],
    ["cut short", '{"a":1'],
    ["two values", "{}{}"],
    ["single quotes", "{'a':1}"],
    ["a trailing comma", '{"a":1,}'],
    ["a comment", '{"a":1} // one'],
    ["NaN", "NaN"],
    ["undefined", "undefined"],
    ["a form", "a=1&b=2"],
    ["a control character in a text", '"\u0001"'],
    ["invalid UTF-8: a lone byte", new Uint8Array([0x22, 0xff, 0x22])],
    ["invalid UTF-8: cut short", new Uint8Array([0x22, 0xe2, 0x82, 0x22])],
    ["invalid UTF-8: overlong", new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ["invalid UTF-8: a surrogate", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])],
    ["compressed", new Uint8Array([0x1f, 0x8b, 0x08, 0x00])],
  ])("is refused: %s", async (_what, body) => {
    await expect(readJson(request({ body }), anything))
      .rejects.toMatchObject(refusal("invalid_json", 400));
  });
});
