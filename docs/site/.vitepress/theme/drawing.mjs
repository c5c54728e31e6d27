import { useData } from "vitepress";
import { defineComponent, h, onMounted, ref, watch } from "vue";

let drawings = 0;

/** A drawing of Mermaid's; until it is drawn, and without a script, its source. */
export const Drawing = defineComponent({
  props: { text: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const drawn = ref("");
    const source = decodeURIComponent(props.text);
    // The library is large, and only pages with a drawing load it.
    const draw = async () => {
      const { default: mermaid } = await import("mermaid");
      mermaid.initialize({ startOnLoad: false, theme: isDark.value ? "dark" : "default" });
      drawings += 1;
      drawn.value = (await mermaid.render(`drawing-${drawings}`, source)).svg;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () => drawn.value === "" ? h("pre", source) : h("div", { innerHTML: drawn.value });
  },
});
