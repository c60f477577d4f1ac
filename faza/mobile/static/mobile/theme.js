// Before the first paint: the theme and language that were chosen on this phone. Neither is personal.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let told = {};
  try {
    told = JSON.parse(localStorage.getItem("faza.look") ?? "{}");
  } catch {
    // Storage that is refused or damaged: as the system says.
  }
  root.dataset.theme = ["light", "dark"].includes(told.theme) ? told.theme : "auto";
  const russian = (navigator.language ?? "ru").startsWith("ru") || !navigator.language?.startsWith("en");
  root.lang = ["ru", "en"].includes(told.language) ? told.language : russian ? "ru" : "en";
  const follow = () => {
    const chosen = root.dataset.theme;
    root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  };
  follow();
  dark.addEventListener("change", follow);
  addEventListener("faza:look", follow);
})();
