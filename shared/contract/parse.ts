import { config } from "zod/mini";
import english from "zod/v4/locales/en.js";

// What an issue says is told to callers. `zod/mini` loads no language by itself (https://zod.dev/packages/mini): each issue would say
// "Invalid input". `z.locales` would bring all of them.
config(english());

export { parse, safeParse } from "zod/mini";
