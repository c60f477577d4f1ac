/**
 * Of Tabler's style sheet, only what the product can use: rules whose classes are all named
 * somewhere in templates, Python or scripts. A word is enough to keep a class, so a class made of
 * parts at run time has to be written out once.
 */
import postcss from "postcss";
import type { Plugin } from "vite";

import { productTexts, scriptTexts } from "./sources.ts";

const TABLER = /@tabler\/core\/dist\/css\/tabler/;

function words(): Set<string> {
  const found = new Set<string>();
  for (const text of [...productTexts(), ...scriptTexts()]) {
    for (const [word] of text.matchAll(/[A-Za-z][\w-]*/g)) found.add(word);
  }
  return found;
}

export function onlyUsed(css: string, used: Set<string>): string {
  const sheet = postcss.parse(css);
  sheet.walkRules((rule) => {
    if (rule.parent?.type === "atrule" && /keyframes$/.test((rule.parent as postcss.AtRule).name)) {
      return;
    }
    const kept = rule.selectors.filter((selector) => {
      // What stands in :not() and :is() need not be there for the rule to hold.
      let bare = selector;
      while (/\([^()]*\)/.test(bare)) bare = bare.replace(/\([^()]*\)/g, "");
      return [...bare.matchAll(/\.([A-Za-z_][\w-]*)/g)].every(([, name]) => used.has(name!));
    });
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  sheet.walkAtRules(/^(media|supports|layer)$/, (rule) => {
    if (rule.nodes?.length === 0) rule.remove();
  });
  return sheet.toString();
}

export function usedCss(): Plugin {
  return {
    name: "faza-used-css",
    apply: "build",
    enforce: "pre",
    transform: {
      filter: { id: TABLER },
      handler: (css) => ({ code: onlyUsed(css, words()), map: null }),
    },
  };
}
