import DefaultTheme from "vitepress/theme";
import { Drawing } from "./drawing.mjs";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("Drawing", Drawing);
  },
};
