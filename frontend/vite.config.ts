import { defineConfig } from "vite";

import { dataUris } from "./build/data-uris.ts";
import { iconSprite } from "./build/icons.ts";
import { mobileClient } from "./build/mobile.ts";
import { usedCss } from "./build/used-css.ts";

export default defineConfig({
  // Relative, so that the build does not know under which address static files are served.
  base: "./",
  plugins: [usedCss(), iconSprite(), mobileClient(), dataUris()],
  build: {
    outDir: "../faza/ui/static/ui/dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // Fonts and pictures stay files: the Content-Security-Policy allows no data: for fonts.
    assetsInlineLimit: 0,
    // ECharts is one lazy chunk; only pages with a chart load it.
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The letters alone are for reports, which have a stylesheet of their own.
      input: {
        main: "src/main.ts",
        auth: "src/auth.ts",
        connect: "src/mobile/connect.ts",
        app: "src/mobile/app.ts",
        letters: "src/styles/fonts.css",
      },
    },
  },
});
