/** Thirteen months; a month by days; a day by half-hours. */
import { type Bar, bars } from "../chart";
import { daysOf, firstOf, isDay, isMonth, monthOf, plusDays, plusMonths } from "../days";
import { h } from "../dom";
import { amount, clock, day, decimalsOf, month, number, percent, unitName } from "../format";
import { completeness, empty, lead, stepper, table } from "../parts";
import type { Consumption, Counted, Profile, Run } from "../types";
import { type Answers, type Context, of, ofPoint, type Screen } from "../view";
import { monthName, t, tell } from "../words";
import { everySixHours, legend } from "./overview";

const MONTHS = 13;
const MORE = 12;
const MOST = 121;
/** Months of the list; more of them are shown on demand, while the client is open. */
let months = MONTHS;

export const history: Screen = {
  title: "history",
  tab: "more",
  back: ({ rest: [shown = ""] }) => (isDay(shown) ? `#/history/${monthOf(shown)}` : isMonth(shown) ? "#/history" : "#/more"),
  needs(context): Record<string, string> {
    const [shown = ""] = context.rest;
    if (isDay(shown)) return { day: ofPoint(context, "profile", { from: shown, to: plusDays(shown, 1) }) };
    const now = monthOf(context.today);
    const [from, end, by] = isMonth(shown)
      ? [firstOf(shown), firstOf(plusMonths(shown, 1)), "day"]
      : [firstOf(plusMonths(now, 1 - months)), firstOf(plusMonths(now, 1)), "month"];
    return { sums: ofPoint(context, "consumption", { from, to: end, by }) };
  },
  draw(answers, context, again) {
    const [shown = ""] = context.rest;
    if (isDay(shown)) return ofDay(of<Profile>(answers, "day"), shown, context);
    return isMonth(shown) ? ofMonth(answers, shown, context) : ofYear(answers, again);
  },
};

type Sums = Consumption["channels"][number];

function barsOf(channel: Sums, starts: string[], label: (start: string) => string): Bar[] {
  return starts.map((start, place) => ({
    label: label(start),
    value: channel.values[place] ?? null,
    estimated: channel.estimated_each[place]! / Math.max(1, channel.present_each[place]!),
  }));
}

function counted(channel: Sums, place: number): Counted {
  const [expected, present, estimated] = [channel.expected_each, channel.present_each, channel.estimated_each].map((one) => one[place]!);
  return {
    expected: expected!, present: present!, estimated: estimated!,
    completeness: expected ? present! / expected : null,
    estimated_share: present ? estimated! / present : null,
  };
}

function ofYear(answers: Answers, again: () => void): (Node | null)[] {
  const told = of<Consumption>(answers, "sums");
  const channel = told?.channels[0];
  if (!told || !channel?.values.length) return [empty(t("no-data"))];
  const shown = barsOf(channel, told.starts, (start) => monthName(Number(start.slice(5, 7))).slice(0, 1));
  const title = tell("history-lead", { unit: unitName(channel.unit) });
  const rows = told.starts
    .map((start, place) => [
      h("a", { href: `#/history/${monthOf(start)}` }, month(start)),
      value(channel.values[place], channel.unit, counted(channel, place)),
      share(counted(channel, place)),
    ])
    .reverse();
  return [
    lead(title),
    h("p", { class: "m-under" }, completeness(channel)),
    h("div", { class: "m-card" }, bars(title, channel.unit, shown, (place) => (place >= shown.length - MONTHS || place % MORE === 0 ? shown[place]!.label : "")), legend(shown)),
    h("div", { class: "m-card" }, table(title, columns("month", channel.unit), rows)),
    months < MOST ? more(again) : null,
  ];
}

function more(again: () => void): Node {
  const press = () => {
    months = Math.min(months + MORE, MOST);
    again();
  };
  return h("div", { class: "m-further" }, h("button", { type: "button", class: "m-btn quiet wide", id: "show-more", onclick: press }, t("show-more")));
}

function ofMonth(answers: Answers, shown: string, context: Context): Node[] {
  const told = of<Consumption>(answers, "sums");
  const channel = told?.channels[0];
  const now = monthOf(context.today);
  const steps = stepper(month(shown), `#/history/${plusMonths(shown, -1)}`, shown < now ? `#/history/${plusMonths(shown, 1)}` : null);
  if (!told || !channel?.values.length) return [steps, empty(t("no-data"))];
  const all = barsOf(channel, told.starts, (start) => String(Number(start.slice(8, 10))));
  const title = `${month(shown)}, ${unitName(channel.unit)}`;
  const total = sumOf(channel.values);
  const rows = told.starts
    .map((start, place) => [
      h("a", { href: `#/history/${start.slice(0, 10)}` }, day(start)),
      value(channel.values[place], channel.unit, counted(channel, place)),
      share(counted(channel, place)),
    ])
    .filter((_, place) => told.starts[place]!.slice(0, 10) <= context.today)
    .reverse();
  return [
    steps,
    lead(h("b", {}, amount(total, channel.unit))),
    h("p", { class: "m-under" }, completeness(channel)),
    h("div", { class: "m-card" }, bars(title, channel.unit, all, (place) => fifth(place, daysOf(shown))), legend(all)),
    h("div", { class: "m-card" }, table(title, columns("day", channel.unit), rows)),
  ];
}

const fifth = (place: number, days: number): string => ((place + 1) % 5 === 0 || place === 0) && place + 1 <= days ? String(place + 1) : "";

function ofDay(told: Profile | undefined, shown: string, context: Context): Node[] {
  const next = plusDays(shown, 1);
  const steps = stepper(day(shown, true), `#/history/${plusDays(shown, -1)}`, next <= context.today ? `#/history/${next}` : null);
  const channel = told?.channels[0];
  const all = channel ? halfHours(channel.runs) : [];
  if (!channel || !all.length) return [steps, empty(t("no-data"))];
  const title = `${day(shown, true)}, ${unitName(channel.unit)}`;
  const decimals = Math.max(2, decimalsOf(channel.unit));
  const rows = all.map((one) => [
    one.label,
    one.value == null
      ? h("span", { class: "m-missing" }, t("no-data"))
      : one.estimated
        ? h("span", { class: "m-est" }, number(one.value, decimals), h("small", {}, ` ${t("estimated")}`))
        : number(one.value, decimals),
  ]);
  return [
    steps,
    lead(h("b", {}, amount(channel.total, channel.unit, decimals))),
    h("p", { class: "m-under" }, completeness(channel)),
    h("div", { class: "m-card" }, bars(title, channel.unit, all, (place) => everySixHours(all, place)), legend(all)),
    h("div", { class: "m-card" }, table(title, [{ name: t("time") }, { name: unitName(channel.unit), isNumber: true }], rows)),
  ];
}

/** One day of runs, with how complete it is. */
export function dayOf(runs: Run[], shown: string): { bars: Bar[]; total: number | null; counted: Counted } {
  const all = halfHours(runs).filter((one) => one.day === shown);
  const there = all.filter((one) => one.value != null);
  const [expected, present, estimated] = [all.length, there.length, there.filter((one) => one.estimated).length];
  return {
    bars: all,
    total: sumOf(all.map((one) => one.value)),
    counted: {
      expected, present, estimated,
      completeness: expected ? present / expected : null,
      estimated_share: present ? estimated / present : null,
    },
  };
}

/** Intervals of a day by their own clock. Estimated are 8 (a day alike) and 9 (interpolated). */
export function halfHours(runs: Run[]): (Bar & { day: string })[] {
  return runs.flatMap((run) => {
    const [begin, offset] = [Date.parse(run.start), offsetOf(run.start)];
    return run.values.map((one, place) => {
      const at = new Date(begin + place * run.minutes * 60_000 + offset * 60_000).toISOString();
      const quality = run.quality[place];
      return { day: at.slice(0, 10), label: clock(at), value: one, estimated: quality === 8 || quality === 9 ? 1 : 0 };
    });
  });
}

/** Minutes that a moment's own clock is ahead of UTC. */
function offsetOf(at: string): number {
  const found = /([+-])(\d\d):(\d\d)$/.exec(at);
  if (!found) return 0;
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}

const columns = (first: string, unit: string) => [
  { name: t(first) }, { name: `${t("used")}, ${unitName(unit)}`, isNumber: true }, { name: t("complete"), isNumber: true },
];

function value(one: number | null | undefined, unit: string, of: Counted): Node | string {
  if (one == null) return h("span", { class: "m-missing" }, t("no-data"));
  const words = number(one, decimalsOf(unit));
  return of.estimated ? h("span", { class: "m-est" }, words) : words;
}

const share = (of: Counted): string => (of.completeness == null ? "—" : percent(of.completeness));

function sumOf(values: (number | null)[]): number | null {
  const there = values.filter((one): one is number => one != null);
  return there.length ? there.reduce((sum, one) => sum + one, 0) : null;
}
