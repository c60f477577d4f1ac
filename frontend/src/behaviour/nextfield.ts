/**
 * In a table with `data-enter-next` Enter goes to the next field, and Shift+Enter to the one before,
 * as a column of figures is typed; the form is sent by its button or by Ctrl+Enter.
 */
const FIELDS = "input:not([type=hidden]):not([type=checkbox]):not(:disabled)";

export function nextField(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    const table = event.target.closest("[data-enter-next]");
    if (!table || event.target.type === "checkbox") return;
    event.preventDefault();
    const fields = [...table.querySelectorAll<HTMLInputElement>(FIELDS)];
    const next = fields[fields.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
    if (next) {
      next.focus();
      next.select();
    } else if (!event.shiftKey) {
      event.target.form?.querySelector<HTMLElement>("button[type=submit]")?.focus();
    }
  });
}
