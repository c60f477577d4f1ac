/**
 * Keys of the desk, by their place on the keyboard, so they work in the Russian layout too.
 *
 * `data-key="KeyN"`, `"Shift+KeyA"` or `"Ctrl+Enter"` presses a link or button, or focuses a field;
 * G and then `data-go="KeyR"` goes to a section. Keys of letters wait while somebody types, and
 * Ctrl+Enter from inside of a field is for that field's form alone.
 */
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const PATIENCE = 1200;

/** What lies over the page takes the keys: a dialog, or a form that is a popover. */
const OVER = "dialog[open], form:popover-open";

function formOf(element: Element): Element | null {
  return (element as HTMLInputElement).form ?? element.closest("form");
}

function shown(selector: string, typingIn: Element | null): HTMLElement | undefined {
  const scope = document.querySelector(OVER) ?? document;
  return [...scope.querySelectorAll<HTMLElement>(selector)].find(
    (element) =>
      element.getClientRects().length > 0 &&
      !element.matches(":disabled") &&
      (typingIn === null || formOf(element) === typingIn),
  );
}

function press(element: HTMLElement): void {
  if (element.matches("input, textarea, select, [tabindex]:not(a, button)")) element.focus();
  else element.click();
  // A label hands the focus to its box, which would take the next Space for itself.
  if (element instanceof HTMLLabelElement) (document.activeElement as HTMLElement | null)?.blur();
}

export function keys(): void {
  if (!document.body.classList.contains("desk")) return;
  let since = 0;
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing) return;
    const typing = (event.target as HTMLElement).closest(TYPING) !== null;
    const name = `${event.ctrlKey ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}${event.code}`;
    if (typing && !event.ctrlKey) return;
    if (!event.ctrlKey && Date.now() - since < PATIENCE) {
      since = 0;
      // The menu may be folded away: its links are pressed all the same.
      const link = document.querySelector<HTMLAnchorElement>(`[data-go="${event.code}"]`);
      if (link) {
        event.preventDefault();
        location.assign(link.href);
        return;
      }
    }
    if (!event.ctrlKey && !event.shiftKey && event.code === "KeyG") {
      since = Date.now();
      return;
    }
    const target = event.target as HTMLElement;
    // The browser's own: a box is ticked, a button pressed.
    if (event.code === "Space" && target.closest("input, button, summary, a")) return;
    // `data-key-inside` is for who types in that very form.
    const keyed = `[data-key="${name}"]${typing ? `, [data-key-inside="${name}"]` : ""}`;
    const found = shown(keyed, typing ? formOf(target) : null);
    if (!found) return;
    event.preventDefault();
    press(found);
  });
}
