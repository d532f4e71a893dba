import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.FLOWSTUDIO_BACKEND ?? "http://127.0.0.1:8000";
const proxied = { target: backend, changeOrigin: false };

export default defineConfig(({ command }) => ({
  // WhiteNoise serves the built files below /static/app/; Vite's own server serves the pages themselves.
  base: command === "build" ? "/static/app/" : "/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../static/app",
    emptyOutDir: true,
    sourcemap: false,
    manifest: true,
    target: "es2023",
    rollupOptions: {
      output: {
        // The kit changes far less often than our code: kept apart, a release leaves it in the browser's cache.
        // Everything else splits along the lazy imports of the routes.
        manualChunks(id: string): string | undefined {
          if (!id.includes("node_modules")) return undefined;
          if (/node_modules\/(react|react-dom|react-router|scheduler)\//.test(id)) return "react";
          if (/node_modules\/(@mantine|@floating-ui|@tanstack)\//.test(id)) return "kit";
          return undefined;
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: {
      "/api": proxied,
      "/hooks": proxied,
      "/v1": proxied,
      "/healthz": proxied,
      "/ws": { target: backend.replace(/^http/, "ws"), ws: true, changeOrigin: false },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    css: false,
    restoreMocks: true,
    // Typing letter by letter takes its time on a busy machine; a test that hangs is still found.
    testTimeout: 20_000,
  },
}));
