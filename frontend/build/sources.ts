/** The product's own templates and code: what the page asks of icons and styles. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const FRONTEND = join(dirname(fileURLToPath(import.meta.url)), "..");
const PRODUCT = join(FRONTEND, "..", "faza");

function texts(folder: string, kinds: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => kinds.test(name) && !/(^|\/)(dist|node_modules)\//.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

/** Django templates and Python. */
export const productTexts = (): string[] => texts(PRODUCT, /\.(html|txt|py)$/);

/** Our TypeScript. */
export const scriptTexts = (): string[] => texts(join(FRONTEND, "src"), /\.ts$/);
