import { fileURLToPath } from "node:url";

// The folder above holds what the apps have installed.
export default { turbopack: { root: fileURLToPath(new URL("..", import.meta.url)) } };
