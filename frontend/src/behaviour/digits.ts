/**
 * `<div class="en-digits" data-digits="6" data-decimals="1"><input></div>` shows what is typed as the
 * digits of a meter's face. The field stays what it is, above the boxes and unseen: it takes the
 * keys, says what it says to a screen reader, and sends what was typed.
 */
export function digits(root: ParentNode): void {
  for (const holder of root.querySelectorAll<HTMLElement>(".en-digits:not(.boxed)")) {
    const field = holder.querySelector<HTMLInputElement>("input");
    if (!field) continue;
    const whole = Number(holder.dataset.digits);
    const after = Number(holder.dataset.decimals);
    const boxes = document.createElement("div");
    boxes.className = "boxes";
    boxes.setAttribute("aria-hidden", "true");
    field.after(boxes);
    holder.classList.add("boxed");
    const show = (): void => boxes.replaceChildren(...faces(field.value, whole, after));
    field.addEventListener("input", show);
    // The caret is not seen: after a press it stands behind the last digit.
    field.addEventListener("pointerup", () => field.setSelectionRange(field.value.length, field.value.length));
    show();
  }
}

/** The boxes of a text; what does not fit is left to the server's words. */
function faces(text: string, whole: number, after: number): HTMLElement[] {
  const [before = "", rest = ""] = text.replace(/\s/g, "").replace(",", ".").split(".");
  const isAfter = /[.,]/.test(text);
  const typed = before.slice(0, whole);
  const found: HTMLElement[] = [];
  for (let n = 0; n < whole; n++) {
    const digit = typed[n - (whole - typed.length)];
    const box = document.createElement("i");
    box.textContent = digit ?? "0";
    if (digit === undefined) box.className = "zero";
    if (n === whole - 1 && !isAfter) box.classList.add("foc");
    found.push(box);
  }
  if (!after) return found;
  const comma = document.createElement("em");
  comma.textContent = ",";
  found.push(comma);
  for (let n = 0; n < after; n++) {
    const box = document.createElement("i");
    box.className = "f";
    box.textContent = rest[n] ?? "–";
    if (isAfter && n === Math.min(rest.length, after - 1)) box.classList.add("foc");
    found.push(box);
  }
  return found;
}

/** The name of a chosen photo stands beside its button. */
export function chosenFiles(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>(".en-file input[type=file]")) {
    const told = field.closest(".en-photo")?.querySelector<HTMLElement>(".en-chosen");
    if (!told) continue;
    field.addEventListener("change", () => {
      told.textContent = field.files?.[0]?.name ?? told.dataset.none ?? "";
    });
  }
}
