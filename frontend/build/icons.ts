/**
 * One SVG sprite with the Tabler icons the product uses, and no others.
 *
 * Names come from the code itself: `{% icon "bolt" %}` and `icon="bolt"` in templates and
 * Python, plus icons.json for names made at run time. An unknown name stops the build, so a
 * page cannot ship an empty square.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { Plugin } from "vite";

import { FRONTEND, productTexts } from "./sources.ts";

const USE = /(?:\{%\s*icon\s+|\bicon=)["']([a-z0-9-]+)["']/g;

export function usedIcons(): string[] {
  const extra = JSON.parse(readFileSync(join(FRONTEND, "icons.json"), "utf8")) as string[];
  const names = new Set(extra);
  for (const text of productTexts()) {
    for (const match of text.matchAll(USE)) names.add(match[1]!);
  }
  return [...names].sort();
}

export function spriteOf(names: string[]): string {
  const whole = createRequire(import.meta.url).resolve(
    "@tabler/icons-sprite/dist/tabler-sprite.svg",
  );
  const all = readFileSync(whole, "utf8");
  const symbols = names.map((name) => {
    const found = new RegExp(`<symbol id="tabler-${name}"[^>]*>(.*?)</symbol>`, "s").exec(all);
    if (!found) throw new Error(`No Tabler icon is named "${name}".`);
    // Stroke and fill are left to the page: inside <use> they are inherited from `.ti`.
    const body = found[1]!.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

export function iconSprite(): Plugin {
  return {
    name: "faza-icon-sprite",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "icons.svg", source: spriteOf(usedIcons()) });
    },
  };
}
