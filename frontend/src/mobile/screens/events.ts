/** What happened at the point in thirty days. */
import { plusDays } from "../days";
import { h, icon } from "../dom";
import { clock, day, lasting } from "../format";
import { joined, moreButton } from "../pages";
import { empty, lead, segment } from "../parts";
import type { Happened, Listed } from "../types";
import { type Context, of, type Screen } from "../view";
import { count, t, tell } from "../words";

const DAYS = 30;
let only: "all" | "grave" = "all";

export const events: Screen = {
  title: "events",
  tab: "events",
  needs: (context) => ({ events: pathOf(context) }),
  draw(answers, context, again) {
    const first = of<Listed<Happened>>(answers, "events");
    if (!first) return [empty(t("no-data"))];
    const path = pathOf(context);
    const told = joined(path, first, keyOf);
    if (!told.items.length) return [empty(t("empty-events"))];
    const grave = told.items.filter((one) => one.importance === "warning" || one.importance === "alarm");
    const shown = only === "grave" ? grave : told.items;
    const many = count(told.items.length, "events-word") + (told.next ? "+" : "");
    return [
      lead(tell("events-lead", { events: many })),
      segment(
        t("events"),
        [
          { value: "all", label: t("events-all") },
          { value: "grave", label: `${t("events-grave")} · ${grave.length}` },
        ],
        only,
        (value) => {
          only = value as typeof only;
          again();
        },
      ),
      shown.length ? h("ul", { class: "m-card m-plain" }, shown.map(row)) : empty(t("empty-events")),
      moreButton(path, first, keyOf, again),
    ];
  },
};

function pathOf({ point, today }: Pick<Context, "point" | "today">): string {
  const asked = { usage_point: point.code, from: plusDays(today, -DAYS), to: plusDays(today, 1), limit: "100" };
  return `events?${new URLSearchParams(asked).toString()}`;
}

const keyOf = (one: Happened): string => [one.usage_point, one.at, one.category, one.text].join("|");

function row(one: Happened): Node {
  const lasted = one.lasted_s ? ` · ${tell("lasted", { time: lasting(one.lasted_s) })}` : "";
  return h(
    "li",
    {},
    h("span", { class: `m-sign ${one.importance}` }, sign(one.importance)),
    h(
      "span",
      { class: "grow" },
      h("b", {}, one.text),
      h("small", {}, `${day(one.at)} ${clock(one.at)}${lasted} · ${t(`importance-${one.importance}`)}`),
    ),
  );
}

function sign(importance: Happened["importance"]): SVGElement {
  if (importance === "alarm") return icon("alert-triangle");
  return importance === "warning" ? icon("alert-circle") : icon("info-circle");
}
