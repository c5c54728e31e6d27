// `npm run build:package`: the package as it is published, in packages/checkout/dist.
import { fileURLToPath } from "node:url";
import { buildPackage } from "./build.ts";

const outDir = fileURLToPath(new URL("../dist", import.meta.url));
await buildPackage({ outDir, types: true });
console.log(`built ${outDir}; \`npm pack\` and \`npm publish\` take that folder`);
