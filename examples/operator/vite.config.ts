import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // One page for a few people: one file of 150 kB, compressed.
  build: { chunkSizeWarningLimit: 600 },
});
