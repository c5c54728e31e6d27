import { Html } from "./html.ts";

/** How the page looks, light or dark as the system is. */
export const style = new Html(`
:root { color-scheme: light dark; --line: light-dark(#d0d4dc, #3a3f4b); --link: light-dark(#1d4ed8, #8ab4ff); }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
nav ul { list-style: none; padding: 0; columns: 26rem; }
nav a { text-decoration: none; }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; }
.call { font-weight: 700; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid var(--line); border-radius: 0.5rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: 0.375rem 0.625rem; text-align: left; vertical-align: top; }
tbody th { font-weight: 400; white-space: nowrap; }
td p { margin: 0; }
dt { font-weight: 700; margin-top: 1rem; }
`);
