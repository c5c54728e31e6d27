import { describe, expect, it } from "vitest";
import {
  drawing,
  projectDrawing,
  projectRooms,
  reaches,
  roomOf,
  roomsOf,
  withDrawing,
} from "../../../scripts/docs/architecture.ts";
import { readProjectFile } from "../../../scripts/source/project-files.ts";
import { stepsOf } from "../../support/source/walks.ts";

const document = readProjectFile("docs/architecture.md");

describe("docs/architecture.md", () => {
  it("holds the drawing that `npm run docs:architecture` makes of the imports", () => {
    expect(document).toBe(withDrawing(document, projectDrawing()));
  });

  it("has no arrow that leads back, over however many rooms", () => {
    const rooms = projectRooms();
    expect(rooms.size).toBeGreaterThan(10);
    expect([...rooms.keys()].filter((room) => reaches(rooms, room, room))).toEqual([]);
  });

  it("walks through two ways at least, of five steps at least", () => {
    const lengths = [...stepsOf(document).values()].map((steps) => steps.length);
    expect(lengths.length).toBeGreaterThanOrEqual(2);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(5);
  });

  it.each([...stepsOf(document).values()].flat())("%s has %s", (file, name) => {
    expect(readProjectFile(file)).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

describe("the drawing", () => {
  const rooms = roomsOf(
    new Map([
      ["shared/runtime/log.ts", ""],
      ["shared/stripe/write.ts", `import type { Log } from "../runtime/log.ts";`],
      ["shared/checkout/settle.ts", `import "../stripe/write.ts"; import "../runtime/log.ts";`],
      ["tests/unit/a.test.ts", `import "../../shared/checkout/settle.ts";`],
    ]),
  );

  it("leaves out an arrow that a longer way stands for, and lists it", () => {
    expect(drawing(rooms)).toContain("shared_checkout --> shared_stripe");
    expect(drawing(rooms)).not.toContain("shared_checkout --> shared_runtime");
    expect(drawing(rooms)).toContain(
      "- `shared/checkout` imports `shared/runtime`, `shared/stripe`",
    );
  });

  it("draws what is shipped and what it runs on, and no test", () => {
    expect(roomOf("shared/sync/inbox.ts")).toBe("shared/sync");
    expect(roomOf("packages/stripe-simulator/http/api.ts")).toBe("packages/stripe-simulator");
    expect(roomOf("tests/unit/a.test.ts")).toBeUndefined();
    expect(roomOf("packages/checkout/tests/a.test.ts")).toBeUndefined();
  });

  it("has no place in a document without its marks", () => {
    expect(() => withDrawing("# Architecture", "")).toThrow(/no place/);
  });
});
