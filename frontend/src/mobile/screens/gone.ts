/** What stands where everything was taken away: the device works no longer, or has signed out. */
import { h } from "../dom";
import { t } from "../words";

export function gone(place: HTMLElement, why: "off" | "out"): void {
  document.title = t(`${why}-title`);
  const title = h("h1", { tabindex: "-1" }, t(`${why}-title`));
  place.replaceChildren(
    h(
      "main",
      { class: "m-main m-gone" },
      title,
      h("p", {}, t("off-text")),
      h("a", { class: "m-btn", href: document.body.dataset.connect ?? "/m/connect/" }, t("connect")),
      h("a", { href: "/" }, t("cabinet")),
    ),
  );
  title.focus();
}
