/** What the person was told of; read marks are put down at the server. */
import { send } from "../client";
import { h, icon } from "../dom";
import { clock, day } from "../format";
import { change, joined, moreButton } from "../pages";
import { empty, lead } from "../parts";
import type { Listed, Notice } from "../types";
import { of, type Screen } from "../view";
import { t, tell } from "../words";

const PATH = "notices?limit=50";
const AT_ONCE = 100;
const keyOf = (one: Notice): string => String(one.id);

export const notices: Screen = {
  title: "notices",
  tab: "more",
  back: () => "#/more",
  needs: () => ({ notices: PATH }),
  draw(answers, _context, again) {
    const first = of<Listed<Notice>>(answers, "notices");
    if (!first) return [empty(t("no-data"))];
    const told = joined(PATH, first, keyOf);
    if (!told.items.length) return [empty(t("empty-notices"))];
    const unread = told.items.filter((one) => !one.is_read).map((one) => one.id);
    return [
      lead(unread.length ? tell("notices-unread", { many: unread.length }) : t("notices-read")),
      unread.length > 1 ? button(t("mark-all"), () => void read(unread, again)) : null,
      h("ul", { class: "m-card m-plain" }, told.items.map((one) => row(one, again))),
      moreButton(PATH, first, keyOf, again),
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
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const part = ids.slice(from, from + AT_ONCE);
    const got = await send("PUT", "notices/read", { ids: part }).catch(() => null);
    if (!got?.ok) break;
    change<Notice>(PATH, (one) => (part.includes(one.id) ? { ...one, is_read: true } : one));
  }
  again();
}
