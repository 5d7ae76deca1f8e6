// One entry per island and one for the styles, so that a page loads only what it uses. The
// manifest tells the server the hashed names.
import { readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { defineConfig } from "vite";

const islands = readdirSync(resolve(import.meta.dirname, "islands"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => [basename(file, ".ts"), resolve(import.meta.dirname, "islands", file)]);

export default defineConfig({
  base: "/assets/",
  publicDir: false,
  logLevel: "error",
  build: {
    outDir: process.env["WARD_UI_OUT"] ?? "out",
    emptyOutDir: true,
    assetsDir: "",
    manifest: "manifest.json",
    modulePreload: false,
    // No `data:` addresses: the pages' content security policy admits none.
    assetsInlineLimit: 0,
    target: "es2022",
    rolldownOptions: {
      input: {
        ward: resolve(import.meta.dirname, "styles/ward.scss"),
        ...Object.fromEntries(islands),
      },
    },
  },
  css: {
    preprocessorOptions: {
      scss: { loadPaths: [resolve(import.meta.dirname, "node_modules")], quietDeps: true },
    },
  },
});
