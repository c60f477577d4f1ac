/** The eye in a password field. Its button is hidden until this script can serve it. */
export function peek(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(".peek")) {
    const field = button.parentElement?.querySelector("input");
    if (!field) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      field.focus();
    });
    // A visible password must not be kept by the browser's form history.
    field.form?.addEventListener("submit", () => (field.type = "password"));
  }
}
