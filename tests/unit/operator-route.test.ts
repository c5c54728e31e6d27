import { describe, expect, it } from "vitest";
import { linkTo, routeOf } from "../../examples/operator/src/route.ts";

describe("an address of the operator's page", () => {
  it.each([
    ["", { page: "sessions" }],
    ["#/inbox", { page: "inbox" }],
    ["#/toString", { page: "sessions" }],
    ["#/sessions/%", { page: "sessions" }],
    ["#/sessions/%E0%A4%A", { page: "sessions" }],
    ["#/inbox/%", { page: "inbox" }],
    [linkTo("sessions", "a/b %"), { page: "sessions", sessionId: "a/b %" }],
  ])("%s leads somewhere", (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
  });
});
