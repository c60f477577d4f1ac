/**
 * Explanations: `<a data-sheet="ID" href="…">` opens `<dialog id="ID" class="sheet">`; without a
 * script the link leads where its href says. `[data-close]` and a press on the veil close it.
 */
export function sheets(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const opener = target.closest<HTMLElement>("[data-sheet]");
    if (opener) {
      const sheet = document.getElementById(opener.dataset.sheet ?? "");
      if (sheet instanceof HTMLDialogElement) {
        event.preventDefault();
        sheet.showModal();
      }
      return;
    }
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    else if (target instanceof HTMLDialogElement) target.close();
  });
}
