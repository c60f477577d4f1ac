/** What happened at the point in thirty days. */
import { plusDays } from "../days";
import { h, icon } from "../dom";
import { clock, day, lasting } from "../format";
import { empty, lead, segment } from "../parts";
import type { Happened, Listed } from "../types";
import { of, type Screen } from "../view";
import { count, t, tell } from "../words";

const DAYS = 30;
let only: "all" | "grave" = "all";

export const events: Screen = {
  title: "events",
  tab: "events",
  needs: ({ point, today }) => ({
    events: `events?${new URLSearchParams({
      usage_point: point.code, from: plusDays(today, -DAYS), to: plusDays(today, 1), limit: "200",
    }).toString()}`,
  }),
  draw(answers, _context, again) {
    const told = of<Listed<Happened>>(answers, "events");
    if (!told) return [empty(t("no-data"))];
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
    ];
  },
};

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
