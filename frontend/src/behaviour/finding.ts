/**
 * The search of the top bar: arrows go from the field through what is found, Escape closes it.
 * The list shows as long as the keyboard is in the form, so a press outside closes it too.
 */
export function finding(): void {
  document.addEventListener("keydown", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLElement>(".find-all");
    if (!form) return;
    const input = form.querySelector("input")!;
    if (event.key === "Escape") {
      input.value = "";
      form.querySelector(".find-list")?.replaceChildren();
      (document.activeElement as HTMLElement | null)?.blur();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [input, ...form.querySelectorAll<HTMLElement>(".find-list a")];
    const here = stops.indexOf(document.activeElement as HTMLElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    event.preventDefault();
    stops[(here + step + stops.length) % stops.length]?.focus();
  });
}
