/**
 * The tree of places and the rows beside it. Branches are folded here and asked for by htmx when
 * they are opened first; arrows walk the tree, J and K walk the rows. Keys go by their place, so
 * they work in the Russian layout too.
 */
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function turn(item: HTMLElement, open?: boolean): void {
  const next = open ?? item.getAttribute("aria-expanded") !== "true";
  item.setAttribute("aria-expanded", String(next));
}

function links(tree: HTMLElement): HTMLElement[] {
  return [...tree.querySelectorAll<HTMLElement>(".br-name, .br-more")].filter(
    (link) => link.getClientRects().length > 0,
  );
}

function walk(event: KeyboardEvent, tree: HTMLElement, link: HTMLElement): boolean {
  const item = link.closest<HTMLElement>(".br");
  const all = links(tree);
  const place = all.indexOf(link);
  const expanded = item?.getAttribute("aria-expanded");
  switch (event.code) {
    case "ArrowDown":
      all[place + 1]?.focus();
      return true;
    case "ArrowUp":
      all[place - 1]?.focus();
      return true;
    case "ArrowRight":
      if (expanded === "false") item?.querySelector<HTMLElement>("[data-twisty]")?.click();
      else if (expanded === "true") all[place + 1]?.focus();
      return true;
    case "ArrowLeft":
      if (item && expanded === "true") turn(item, false);
      else item?.parentElement?.closest(".br")?.querySelector<HTMLElement>(".br-name")?.focus();
      return true;
  }
  return false;
}

function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-rows] [data-row-link]")];
  if (rows.length === 0) return;
  const now = rows.findIndex((link) => link.closest("tr")?.classList.contains("cur"));
  const link = rows[now < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, now + by))];
  link?.scrollIntoView({ block: "nearest" });
  link?.click();
}

export function tree(): void {
  const chosen = document.querySelector<HTMLElement>("[data-tree] .br-row.sel");
  chosen?.scrollIntoView({ block: "center" });
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const twisty = target.closest<HTMLElement>("[data-twisty]");
    if (twisty) {
      const item = twisty.closest<HTMLElement>(".br");
      if (item) turn(item);
      return;
    }
    const link = target.closest<HTMLElement>("[data-row-link]");
    if (link) {
      for (const row of document.querySelectorAll("[data-rows] tr.cur")) row.classList.remove("cur");
      link.closest("tr")?.classList.add("cur");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const target = event.target as HTMLElement;
    if (target.closest(TYPING)) return;
    const inside = target.closest<HTMLElement>("[data-tree]");
    const link = target.closest<HTMLElement>(".br-name, .br-more");
    if (inside && link) {
      if (walk(event, inside, link)) event.preventDefault();
      return;
    }
    if (!document.querySelector("[data-rows]")) return;
    if (event.code === "KeyJ" || event.code === "KeyK") {
      event.preventDefault();
      step(event.code === "KeyJ" ? 1 : -1);
    } else if (event.code === "ArrowLeft" || event.code === "ArrowRight") {
      document.querySelector<HTMLElement>("[data-tree] .br-row.sel .br-name")?.focus();
    }
  });
}
