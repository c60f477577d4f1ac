/**
 * `<div data-strength="Weak|Passable|Good|Strong">` around a new password shows how hard it is to
 * guess, in four bars and a word. It advises; what is refused is decided by the server.
 */
const ENOUGH = 10;

export function strengths(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-strength]")) {
    const field = box.querySelector<HTMLInputElement>("input");
    const words = (box.dataset.strength ?? "").split("|");
    if (!field || words.length !== 4) continue;
    const bars = document.createElement("div");
    bars.className = "bars";
    bars.setAttribute("aria-hidden", "true");
    for (let n = 0; n < 4; n++) bars.append(document.createElement("i"));
    const said = document.createElement("p");
    said.className = "hint said";
    said.setAttribute("role", "status");
    (field.closest(".secret") ?? field).after(bars, said);
    const show = (): void => {
      const found = strength(field.value);
      bars.dataset.level = String(found);
      said.textContent = found ? (words[found - 1] ?? "") : "";
    };
    field.addEventListener("input", show);
    show();
  }
}

/** 0 for nothing, else 1 (weak) to 4 (strong): by length, kinds of signs, repetition. */
export function strength(password: string): number {
  if (!password) return 0;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  const different = new Set(password.toLowerCase()).size;
  if (password.length < ENOUGH || different < 5) return 1;
  const runs = /(.)\1\1|0123|1234|2345|3456|4567|5678|6789|qwer|йцук|пароль|password/i.test(password);
  const points = (password.length >= 14 ? 1 : 0) + (password.length >= 18 ? 1 : 0) + kinds - (runs ? 2 : 0);
  return points >= 4 ? 4 : points >= 3 ? 3 : points >= 1 ? 2 : 1;
}
