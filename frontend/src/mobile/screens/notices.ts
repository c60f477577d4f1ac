/** What the person was told of; read marks are put down at the server. */
import { send } from "../client";
import { h, icon } from "../dom";
import { clock, day } from "../format";
import { empty, lead } from "../parts";
import type { Listed, Notice } from "../types";
import { of, type Screen } from "../view";
import { t, tell } from "../words";

export const notices: Screen = {
  title: "notices",
  tab: "more",
  back: () => "#/more",
  needs: () => ({ notices: "notices?limit=100" }),
  draw(answers, _context, again) {
    const told = of<Listed<Notice>>(answers, "notices");
    if (!told) return [empty(t("no-data"))];
    if (!told.items.length) return [empty(t("empty-notices"))];
    const unread = told.items.filter((one) => !one.is_read).map((one) => one.id);
    return [
      lead(unread.length ? tell("notices-unread", { many: unread.length }) : t("notices-read")),
      unread.length > 1 ? button(t("mark-all"), () => void read(unread, again)) : null,
      h("ul", { class: "m-card m-plain" }, told.items.map((one) => row(one, again))),
    ];
  },
};

function row(one: Notice, again: () => void): Node {
  return h(
    "li",
    { class: one.is_read ? null : "unread" },
    h(
      "span",
      { class: "grow" },
      h("b", {}, one.title),
      one.lines.map((line) => h("span", { class: "line" }, line)),
      h("small", {}, `${day(one.told_at)} ${clock(one.told_at)}${one.is_read ? "" : ` · ${t("unread")}`}`),
    ),
    !one.is_read &&
      h(
        "button",
        { type: "button", class: "m-ic", onclick: () => void read([one.id], again) },
        icon("check"),
        h("span", { class: "vh" }, `${t("mark-read")}: ${one.title}`),
      ),
  );
}

function button(words: string, press: () => void): HTMLElement {
  return h("button", { type: "button", class: "m-btn quiet small", onclick: press }, words);
}

/** Without a network nothing changes: the line above says so. */
async function read(ids: number[], again: () => void): Promise<void> {
  await send("PUT", "notices/read", { ids: ids.slice(0, 100) }).catch(() => undefined);
  again();
}
