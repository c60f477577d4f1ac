/** What has no tab of its own. */
import { h } from "../dom";
import { linked } from "../parts";
import type { Screen } from "../view";
import { t } from "../words";

export const more: Screen = {
  title: "more",
  tab: "more",
  needs: () => ({}),
  draw: (_answers, { me }) => [
    h(
      "nav",
      { class: "m-card m-list", "aria-label": t("more") },
      linked("#/history", "history", t("history"), ""),
      linked("#/network", "network", t("network"), ""),
      linked("#/notices", "notices", t("notices"), me.unread ? t("notices-unread").replace("{many}", String(me.unread)) : ""),
      linked("#/settings", "settings", t("settings"), me.token ?? ""),
      linked("/", "cabinet", t("cabinet"), ""),
    ),
  ],
};
