import { config } from "zod/mini";
import english from "zod/v4/locales/en.js";

// Callers are told what an issue says, and the log is. `zod/mini` comes without words: each issue would say no more than "Invalid input".
config(english());

export { parse, safeParse } from "zod/mini";
