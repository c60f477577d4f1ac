/**
 * What the mobile client needs beside its entry: a sprite of its own few icons, and its service
 * worker as one classic script (not every browser takes a module for one).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { build, type Plugin } from "vite";

import { spriteOf } from "./icons.ts";
import { FRONTEND } from "./sources.ts";

const SOURCES = join(FRONTEND, "src/mobile");
const USE = /\bicon(?:\(|: )"([a-z0-9-]+)"/g;

function mobileIcons(): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    for (const match of readFileSync(join(SOURCES, file), "utf8").matchAll(USE)) names.add(match[1]!);
  }
  return [...names].sort();
}

async function worker(): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      lib: { entry: join(SOURCES, "worker/sw.ts"), formats: ["iife"], name: "fazaWorker" },
    },
  });
  const output = (Array.isArray(made) ? made : [made]).flatMap((one) => ("output" in one ? one.output : []));
  const chunk = output.find((one) => one.type === "chunk");
  if (!chunk) throw new Error("The service worker was not built.");
  return chunk.code;
}

export function mobileClient(): Plugin {
  return {
    name: "faza-mobile-client",
    apply: "build",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: "mobile-icons.svg", source: spriteOf(mobileIcons()) });
      this.emitFile({ type: "asset", fileName: "mobile-sw.js", source: await worker() });
    },
  };
}
