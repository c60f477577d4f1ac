/**
 * A list beside what was chosen in it: `[data-follows="case"]` holds links with `data-row`, and
 * `#case` says by `data-case` which row it shows. The mark moves when htmx brings another one.
 */
export function following(): void {
  document.addEventListener("htmx:afterSwap", () => {
    for (const list of document.querySelectorAll<HTMLElement>("[data-follows]")) {
      const shown = document.getElementById(list.dataset.follows ?? "")?.dataset.case;
      if (shown === undefined) continue;
      for (const row of list.querySelectorAll<HTMLElement>("[data-row]")) {
        const chosen = row.dataset.row === shown;
        if (chosen === row.hasAttribute("aria-current")) continue;
        row.toggleAttribute("aria-current", chosen);
        if (!chosen) continue;
        row.setAttribute("aria-current", "true");
        row.scrollIntoView({ block: "nearest" });
      }
    }
  });
}
