/** Further pages of a list, asked for on demand: they stay on the screen while the client is open. */
import { Gone, renew } from "./client";
import { h } from "./dom";
import { answers } from "./store";
import type { Listed } from "./types";
import { t } from "./words";

interface Further {
  /** The first page that these follow: where it has changed, they are asked for anew. */
  after: string;
  items: unknown[];
  next: string | null;
}

const held = new Map<string, Further>();

/** All that was fetched of a list: its first page and those after it, each row once. */
export function joined<T>(path: string, first: Listed<T>, key: (one: T) => string): Listed<T> {
  const further = held.get(path);
  if (!further) return first;
  if (further.after !== headOf(first, key)) {
    held.delete(path);
    return first;
  }
  const seen = new Set(first.items.map(key));
  const rest = (further.items as T[]).filter((one) => !seen.has(key(one)) && seen.add(key(one)));
  return { items: [...first.items, ...rest], next: further.next };
}

/** Changes rows of the further pages, where the first one will be asked for anew by itself. */
export function change<T>(path: string, how: (one: T) => T): void {
  const further = held.get(path);
  if (further) further.items = (further.items as T[]).map(how);
}

/** «Показать ещё», where there is more; `path` is that of the first page. */
export function moreButton<T>(path: string, first: Listed<T>, key: (one: T) => string, again: () => void): Node | null {
  const { next } = joined(path, first, key);
  if (!next) return null;
  const said = h("p", { class: "m-note", role: "alert" });
  const button = h("button", { type: "button", class: "m-btn quiet wide", id: "show-more" }, t("show-more"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const page = await pageOf<T>(`${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}`);
    button.disabled = false;
    if (!page) {
      said.textContent = t("show-more-failed");
      return;
    }
    const before = held.get(path)?.items ?? [];
    held.set(path, { after: headOf(first, key), items: [...before, ...page.items], next: page.next });
    again();
  });
  return h("div", { class: "m-further" }, said, button);
}

/** A page as it is now, else as it was kept; null where it is neither. */
async function pageOf<T>(path: string): Promise<Listed<T> | null> {
  try {
    const got = await renew(path);
    if (got.state === "fresh" || got.state === "same") return got.kept.data as Listed<T>;
    return ((await answers.get(path))?.data as Listed<T> | undefined) ?? null;
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    dispatchEvent(new Event("faza:again")); // Asked once more, it ends as everything does then.
    return null;
  }
}

const headOf = <T>(first: Listed<T>, key: (one: T) => string): string => JSON.stringify([first.items.map(key), first.next]);
