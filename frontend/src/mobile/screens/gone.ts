/**
 * What stands where everything was taken away: the device works no longer, has signed out, or has
 * signed out and nobody knows of it yet.
 */
import { h } from "../dom";
import { t } from "../words";

export function gone(place: HTMLElement, why: "off" | "out" | "later"): void {
  const head = why === "later" ? "out" : why;
  document.title = t(`${head}-title`);
  const title = h("h1", { tabindex: "-1" }, t(`${head}-title`));
  place.replaceChildren(
    h(
      "main",
      { class: "m-main m-gone" },
      title,
      h("p", {}, t("off-text")),
      why === "later" && h("p", { class: "m-note", role: "alert" }, t("out-later")),
      h("a", { class: "m-btn", href: document.body.dataset.connect ?? "/m/connect/" }, t("connect")),
      h("a", { href: "/" }, t("cabinet")),
    ),
  );
  title.focus();
}
