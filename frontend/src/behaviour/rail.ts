/** Fold the menu to a rail of icons and back; the choice is a cookie, rendered by the server. */
const YEAR = 365 * 24 * 3600;

export function rail(): void {
  const button = document.querySelector<HTMLButtonElement>(".rail-toggle");
  if (!button) return;
  const show = (): void => {
    const folded = document.body.classList.contains("rail");
    button.setAttribute("aria-expanded", String(!folded));
  };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const folded = document.body.classList.toggle("rail");
    document.cookie = `faza_menu=${folded ? "rail" : "wide"};path=/;max-age=${YEAR};samesite=lax`;
    show();
  });
}
