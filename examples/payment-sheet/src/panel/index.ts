export { DeveloperPanel, type DeveloperPanelProps } from "./developer-panel.tsx";
