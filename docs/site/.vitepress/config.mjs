import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

const sidebar = JSON.parse(
  readFileSync(new URL("../dist/pages/sidebar.json", import.meta.url), "utf8"),
);

// Built by `npm run docs:site`, which puts the pages together first. A link that leads to no page ends the build.
export default defineConfig({
  title: "BillingOS Checkout",
  description: "The checkout backend of BillingOS, on your own Supabase project.",
  srcDir: "dist/pages",
  outDir: "dist/site",
  cacheDir: "dist/cache",
  ignoreDeadLinks: false,
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guides", link: "/docs/guides/" },
      { text: "API", link: "/docs/api" },
      { text: "Reference", link: "/reference.html", target: "_self" },
    ],
    sidebar,
  },
  markdown: {
    config(md) {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) =>
        tokens[index].info.trim() === "mermaid"
          ? `<Drawing text="${encodeURIComponent(tokens[index].content)}" />`
          : fence(tokens, index, ...rest);
    },
  },
});
