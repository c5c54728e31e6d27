import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Served from any folder of any host.
  base: "./",
  build: { chunkSizeWarningLimit: 600 },
});
