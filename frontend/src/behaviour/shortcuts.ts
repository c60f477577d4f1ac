/** Keys by their place on the keyboard, so they work in the Russian layout too. */
const TYPING = "input, textarea, select, [contenteditable]";

export function shortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if ((event.target as HTMLElement).closest(TYPING)) return;
    if (event.code === "Slash") {
      const search = document.querySelector<HTMLInputElement>(".top .find input, .tree .find input");
      if (!search) return;
      event.preventDefault();
      search.focus();
    }
    // The period control: brackets step through time.
    if (event.code === "BracketLeft" || event.code === "BracketRight") {
      const rel = event.code === "BracketLeft" ? "prev" : "next";
      document.querySelector<HTMLAnchorElement>(`.per a[rel="${rel}"]`)?.click();
    }
  });
}
