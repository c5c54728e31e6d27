import { build } from "vite";

await build({
  logLevel: "error",
  build: {
    outDir: "small",
    emptyOutDir: true,
    lib: { entry: "small.ts", formats: ["es"], fileName: "small" },
    minify: "oxc",
    rolldownOptions: { output: { entryFileNames: "small.js" } },
  },
});
