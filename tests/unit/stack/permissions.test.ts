import { expect, it } from "vitest";
import { permissionsOf } from "../../../stack/functions/permissions.ts";

it.each(["a-new-function", "constructor"])(
  "a function that nobody thought of is let do nothing: %s",
  (slug) => expect(() => permissionsOf(slug)).toThrow("does not say"),
);
