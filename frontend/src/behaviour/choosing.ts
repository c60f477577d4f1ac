/**
 * Lists with boxes: one box for the page, one for each part of it (a table body), a bar with what to do once something is chosen; forms
 * that send themselves when a choice changes. Without scripts the bar is simply there.
 */
function update(form: HTMLFormElement): void {
  const boxes = [...form.querySelectorAll<HTMLInputElement>("[data-choose]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = form.querySelector<HTMLInputElement>("[data-choose-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  for (const part of form.querySelectorAll<HTMLInputElement>("[data-choose-part]")) {
    const of = [...(part.closest("tbody")?.querySelectorAll<HTMLInputElement>("[data-choose]") ?? [])];
    const ticked = of.filter((box) => box.checked).length;
    part.checked = ticked > 0 && ticked === of.length;
    part.indeterminate = ticked > 0 && ticked < of.length;
  }
  const bar = form.querySelector<HTMLElement>("[data-chosen-bar]");
  if (bar) bar.hidden = chosen === 0 || bar.querySelector("button") === null;
  const count = form.querySelector("[data-chosen-count]");
  if (count) count.textContent = String(chosen);
  for (const box of boxes) box.closest("tr")?.classList.toggle("sel", box.checked);
}

export function choosing(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-chooser]")) update(form);
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    const chooser = field.closest<HTMLFormElement>("form[data-chooser]");
    if (chooser) {
      const part = field.matches("[data-choose-part]") ? field.closest("tbody") : null;
      const scope = field.matches("[data-choose-all]") ? chooser : part;
      if (scope) {
        for (const box of scope.querySelectorAll<HTMLInputElement>("[data-choose]")) {
          box.checked = field.checked;
        }
      }
      update(chooser);
    }
    const sending = field.closest<HTMLFormElement>("form[data-send-on-change]");
    if (sending && !field.matches("[type=search], [type=text]")) sending.requestSubmit();
  });
}
