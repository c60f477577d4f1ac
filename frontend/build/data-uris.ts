/**
 * Pictures that Tabler's styles carry as `data:` addresses become files: the
 * Content-Security-Policy allows pictures from our own address only.
 */
import { createHash } from "node:crypto";

import type { Plugin } from "vite";

const DATA_SVG = /url\((["']?)data:image\/svg\+xml,((?:(?!\1\)).)+)\1\)/g;

export function dataUris(): Plugin {
  return {
    name: "faza-data-uris",
    apply: "build",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
        file.source = String(file.source).replace(DATA_SVG, (_whole, _quote, escaped: string) => {
          const svg = decodeURIComponent(escaped.replaceAll('\\"', '"'));
          const name = `tabler-${createHash("sha256").update(svg).digest("hex").slice(0, 8)}.svg`;
          this.emitFile({ type: "asset", fileName: `assets/${name}`, source: svg });
          return `url(${name})`;
        });
      }
    },
  };
}
