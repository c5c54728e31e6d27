import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { readConfig } from "./config.ts";
import { supabaseOf } from "./shop.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place for the app");
const show = createRoot(root);
readConfig().then(
  (config) =>
    show.render(
      <StrictMode>
        <App config={config} supabase={supabaseOf(config)} />
      </StrictMode>,
    ),
  (error: unknown) => show.render(<p role="alert">{String(error)}</p>),
);
