// Before the first paint: "auto" follows the system. A choice made by the reader is already in
// data-bs-theme, rendered by the server from its cookie.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
  root.dataset.scripts = "on"; // for styles of what a script is about to change
})();
