/** Light, dark, or as the system says. The choice is a cookie, so the server renders it at once. */
const YEAR = 365 * 24 * 3600;

export function theme(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(".theme-toggle")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      document.documentElement.dataset.bsTheme = next;
      document.documentElement.dataset.theme = next;
      const secure = location.protocol === "https:" ? ";secure" : "";
      document.cookie = `faza_theme=${next};path=/;max-age=${YEAR};samesite=lax${secure}`;
    });
  }
}
