/** How much this month, what it will come to, today, now, the meters. */
import { bars, type Bar, growing, lastKnown, legendOf } from "../chart";
import { daysOf, firstOf, monthOf, plusDays, plusMonths } from "../days";
import { h, icon } from "../dom";
import { amount, change, clock, day, percent, roubles } from "../format";
import { card, completeness, empty, lead, linked } from "../parts";
import type { Comparison, Consumption, Forecast, Listed, Meter, Network, Profile, Wanted } from "../types";
import { type Answers, type Context, of, ofPoint, type Screen } from "../view";
import { monthName, t, tell } from "../words";
import { dayOf } from "./history";

export const overview: Screen = {
  title: "overview",
  tab: "overview",
  needs(context) {
    const [month, tomorrow] = [monthOf(context.today), plusDays(context.today, 1)];
    const electric = context.point.resource === "electricity";
    return {
      comparison: ofPoint(context, "comparison"),
      forecast: ofPoint(context, "forecast"),
      month: ofPoint(context, "consumption", { from: firstOf(month), to: tomorrow, by: "day" }),
      before: ofPoint(context, "consumption", { from: firstOf(plusMonths(month, -1)), to: firstOf(month), by: "day" }),
      days: ofPoint(context, "profile", { from: plusDays(context.today, -1), to: tomorrow }),
      ...(electric ? { network: ofPoint(context, "network") } : {}),
      meters: `meters?usage_point=${encodeURIComponent(context.point.code)}`,
      entry: "entry",
    };
  },
  draw: (answers, context) => [
    ...sentence(of<Comparison>(answers, "comparison"), context),
    wanted(of<Listed<Wanted>>(answers, "entry")),
    monthCard(answers, context),
    todayCard(of<Profile>(answers, "days"), context.today),
    nowCard(of<Network>(answers, "network")),
    metersCard(of<Listed<Meter>>(answers, "meters")),
  ],
};

function sentence(told: Comparison | undefined, context: Context): Node[] {
  const channel = told?.channels[0];
  const sums = channel?.sums;
  if (!told || !channel || !sums) return [lead(t("no-data"))];
  const month = monthName(Number(context.today.slice(5, 7)), "in");
  const [asked, before] = [sums[0]!, sums[1]];
  if (asked.total == null) return [lead(tell("lead-none", { month: nameOf(context.today) }))];
  const [head, tail = ""] = t("lead-used").replace("{month}", month).split("{amount}");
  const by = before ? change(asked.total, before.total) : "";
  const named = monthName(Number(told.stretches[1]?.from.slice(5, 7)), "of");
  const way = by.startsWith("+") ? "lead-more" : /^0/.test(by) ? "lead-same" : "lead-less";
  const compared = by ? tell(way, { by: by.replace(/^[+\u2212-]/, ""), before: named }) : "";
  return [
    lead(head!, h("b", {}, amount(asked.total, channel.unit)), tail + compared),
    h("p", { class: "m-under" }, completeness(asked)),
  ];
}

const nameOf = (of: string): string => monthName(Number(of.slice(5, 7)));

function wanted(told: Listed<Wanted> | undefined): Node | null {
  const due = told?.items.find((one) => one.is_open && one.is_wanted && !one.is_read_from_afar && one.waiting == null);
  if (!due) return null;
  const until = due.closes_at ? tell("until-day", { name: due.name, day: lastDay(due.closes_at) }) : due.name;
  return h("div", { class: "m-card m-list" }, linked("#/entry", "entry", t("send-readings"), until));
}

/** A window that closes at midnight is open on the day before. */
export function lastDay(closes: string): string {
  return day(clock(closes) === "00:00" ? plusDays(closes.slice(0, 10), -1) : closes);
}

function monthCard(answers: Answers, context: Context): Node {
  const forecast = of<Forecast>(answers, "forecast")?.forecast;
  const known = of<Consumption>(answers, "month")?.channels[0];
  const before = of<Consumption>(answers, "before")?.channels[0];
  const month = monthOf(context.today);
  const unit = forecast?.unit ?? known?.unit ?? "kWh";
  const title = tell("to-month-end", { month: monthName(Number(month.slice(5)), "of") });
  const ahead = forecast ? { ...forecast, from: 0 } : null;
  const picture = growing(title, unit, {
    known: summed(known?.values ?? []), before: summed(before?.values ?? []), days: daysOf(month), ahead,
  });
  const told = forecast
    ? [
        h("p", { class: "m-big" }, amount(forecast.total, unit, 0)),
        h(
          "p",
          { class: "m-under" },
          tell("between", { low: amount(forecast.low, unit, 0), high: amount(forecast.high, unit, 0) }),
          forecast.money && ` · ≈ ${roubles(forecast.money.total)}`,
        ),
        h("p", { class: "m-under" }, completeness(forecast)),
      ]
    : [empty(t("no-forecast"))];
  return card(title, told, picture, compared(of<Comparison>(answers, "comparison")));
}

/** Sums after each day, up to the first day without data. */
function summed(values: (number | null)[]): (number | null)[] {
  let total: number | null = 0;
  return values.map((one) => (total = total == null || one == null ? null : total + one));
}

function compared(told: Comparison | undefined): Node | null {
  const sums = told?.channels[0]?.sums;
  if (!told || !sums) return null;
  const cells = told.stretches.flatMap((stretch, place) => {
    if (place === 0) return [];
    const words = stretch.name === "before" ? "against-before" : "against-year";
    const month = monthName(Number(stretch.from.slice(5, 7)), "of");
    const of = sums[place]!;
    return [
      h(
        "div",
        {},
        h("small", {}, tell(words, { month, year: stretch.from.slice(0, 4) })),
        h("b", {}, change(sums[0]!.total, of.total) || t("no-data")),
        of.completeness != null && of.completeness < 1 && h("small", {}, tell("completeness", { share: percent(of.completeness) })),
      ),
    ];
  });
  return h("div", { class: "m-pair" }, cells);
}

/** Today; before anything of it has come, yesterday. */
function todayCard(told: Profile | undefined, today: string): Node {
  const channel = told?.channels[0];
  if (!channel) return card(t("today"), empty(t("no-data")));
  const now = dayOf(channel.runs, today);
  const isToday = now.counted.present > 0;
  const shown = isToday ? now : dayOf(channel.runs, plusDays(today, -1));
  const name = t(isToday ? "today" : "yesterday");
  const total = amount(shown.total, channel.unit);
  const last = lastKnown(shown.bars.map((one) => one.value));
  const until = isToday ? shown.bars[last + 1]?.label : null;
  const all = isToday ? filled(shown.bars) : shown.bars;
  return card(
    null,
    h(
      "div",
      { class: "m-card-head" },
      h("h2", {}, name),
      h("span", {}, total),
      h("a", { href: `#/history/${isToday ? today : plusDays(today, -1)}` }, t("details")),
    ),
    h("p", { class: "m-under" }, completeness(shown.counted), until && ` ${tell("data-until", { at: until })}`, !isToday && t("today-none")),
    all.length ? bars(`${name}, ${total}`, channel.unit, all, (place) => everySixHours(all, place)) : empty(t("no-data")),
    all.length > 0 && legend(all),
  );
}

/** The rest of the day, of which nothing can be there yet. */
function filled(shown: Bar[]): Bar[] {
  const [first, second] = shown.map((one) => minutesOf(one.label));
  const step = second! - first!;
  if (!(step > 0)) return shown;
  const rest: Bar[] = [];
  for (let at = minutesOf(shown[shown.length - 1]!.label) + step; at < 1440; at += step) {
    const [hour, minute] = [Math.floor(at / 60), at % 60].map((one) => String(one).padStart(2, "0"));
    rest.push({ label: `${hour}:${minute}`, value: null, estimated: 0, isAhead: true });
  }
  return [...shown, ...rest];
}

const minutesOf = (label: string): number => Number(label.slice(0, 2)) * 60 + Number(label.slice(3, 5));

export const everySixHours = (shown: Bar[], place: number): string => {
  const label = shown[place]!.label;
  return /^(03|09|15|21):00$/.test(label) || (/:00$/.test(label) && shown.length < 12) ? label : "";
};

export function legend(shown: Bar[]): Node {
  return h("p", { class: "m-legend" }, legendOf(shown).map(([kind, words]) => h("span", {}, h("i", { class: kind! }), words!)));
}

function nowCard(told: Network | undefined): Node | null {
  if (!told?.at || told.values.P == null) return null;
  const words = told.minutes ? "mean-power-at" : "power-at";
  return card(
    null,
    h("div", { class: "m-card-head" }, h("h2", {}, t("now")), h("a", { href: "#/network" }, t("network"))),
    h("p", { class: "m-big" }, amount(told.values.P, told.units.P ?? "kW")),
    h("p", { class: "m-under" }, tell(words, { at: `${day(told.at)} ${clock(told.at)}` })),
  );
}

function metersCard(told: Listed<Meter> | undefined): Node | null {
  const standing = told?.items.filter((one) => one.to == null && one.role === "billing") ?? [];
  if (!standing.length) return null;
  return card(
    t("meters"),
    h(
      "ul",
      { class: "m-plain" },
      standing.map((one) =>
        h(
          "li",
          {},
          icon("gauge"),
          h(
            "span",
            { class: "grow" },
            h("b", {}, tell("meter", { number: one.number })),
            h("small", {}, one.model, one.verification_due && ` · ${tell("verify-by", { day: day(plusDays(one.verification_due, -1), true) })}`),
          ),
        ),
      ),
    ),
  );
}
