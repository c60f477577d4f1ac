/** What is to be typed, what waits on the phone, what was sent and what became of it. */
import { h, icon } from "../dom";
import { day, number } from "../format";
import { card, empty, lead, table } from "../parts";
import { joined, moreButton } from "../pages";
import { isAnswer, isReading, type Item } from "../queue";
import { outbox } from "../store";
import type { Dial, Listed, Sent, Wanted } from "../types";
import { of, type Screen } from "../view";
import { count, t, tell } from "../words";
import { isAnswerEdited, question } from "./asked";
import { form, isEdited } from "./entryform";
import { lastDay } from "./overview";
import { queueCards } from "./waiting";

const DUE = "entry?limit=50";
const SENT = "entry/sent?limit=20";
const byNumber = (one: Sent): string => String(one.id);
const byPoint = (one: Wanted): string => one.usage_point;

export const entry: Screen = {
  title: "entry-title",
  tab: "entry",
  needs: () => ({ entry: DUE, sent: SENT }),
  async draw(answers, _context, again) {
    const found = of<Listed<Wanted>>(answers, "entry");
    const all = await outbox.all();
    const queued = all.filter(isReading);
    const points = found ? joined(DUE, found, byPoint).items : [];
    const first = of<Listed<Sent>>(answers, "sent");
    const sent = first && joined(SENT, first, byNumber);
    const held = new Set(queued.filter((one) => !isEdited(one)).map((one) => one.usage_point));
    const edited = new Set(queued.filter(isEdited).map((one) => one.usage_point));
    const open = points.filter((one) => one.is_open && !held.has(one.usage_point));
    const due = open.filter((one) => (one.is_wanted && one.waiting == null) || edited.has(one.usage_point));
    const rest = open.filter((one) => !due.includes(one));
    return [
      found ? sentence(due.length, points) : empty(t("no-data")),
      ...queueCards(all, points, again),
      ...asked(sent?.items ?? [], all, points, again),
      ...due.map((one) => form(one, again)),
      ...rest.map((one) => folded(one, again)),
      found ? moreButton(DUE, found, byPoint, again) : null,
      sentCard(sent, points),
      first ? moreButton(SENT, first, byNumber, again) : null,
    ];
  },
};

/** What the desk asks, but for what is answered already and waits to be sent. */
function asked(sent: Sent[], queued: Item[], points: Wanted[], again: () => void): Node[] {
  const waiting = new Set(queued.filter(isAnswer).filter((one) => !isAnswerEdited(one)).map((one) => one.answers));
  const names = new Map(points.map((one) => [one.usage_point, one.name]));
  return sent
    .filter((one) => one.state === "asked" && !waiting.has(one.id))
    .map((one) => question(one, names.get(one.usage_point) ?? one.usage_point, again));
}

function sentence(due: number, points: Wanted[]): Node {
  if (due) return lead(tell("entry-lead", { points: count(due, "points-word") }));
  const opens = points.map((one) => one.opens_at).filter((one): one is string => one != null).sort()[0];
  const isOpen = points.some((one) => one.is_open);
  if (!points.length) return lead(t("entry-none"));
  if (isOpen) return lead(t("entry-rest"));
  return lead(opens ? tell("window-opens", { day: day(opens) }) : t("window-closed"));
}

const unfolded = new Set<string>();

/** What may be typed and need not be: behind a line, which stays open while the page lives. */
function folded(one: Wanted, again: () => void): Node {
  const why = one.waiting != null ? t("state-sent") : one.is_read_from_afar ? t("entry-afar") : t("entry-rest");
  return h(
    "details",
    {
      class: "m-fold",
      open: unfolded.has(one.usage_point),
      ontoggle: (event) => {
        if ((event.target as HTMLDetailsElement).open) unfolded.add(one.usage_point);
        else unfolded.delete(one.usage_point);
      },
    },
    h("summary", {}, h("span", { class: "grow" }, h("b", {}, one.name), h("small", {}, why)), icon("chevron-down")),
    form(one, again),
  );
}

/** Words of a window: until when readings are taken. */
export function windowOf(one: Wanted): string {
  return one.closes_at ? tell("window-open", { day: lastDay(one.closes_at) }) : "";
}

/** `T1` of several registers, the channel where there are several of them. */
export function dialName(dial: Pick<Dial, "channel" | "tariff">, among: Pick<Dial, "channel">[]): string {
  if (among.length === 1) return "";
  const channels = new Set(among.map((one) => one.channel));
  const zone = dial.tariff ? `T${dial.tariff}` : "";
  return channels.size > 1 || !zone ? `${dial.channel.replace("-", "\u2212")} ${zone}`.trim() : zone;
}

function sentCard(told: Listed<Sent> | undefined, points: Wanted[]): Node | null {
  if (!told?.items.length) return null;
  const names = new Map(points.map((one) => [one.usage_point, one.name]));
  const rows = told.items.map((one) => [
    h("span", {}, day(one.read_at), h("small", { class: "under" }, names.get(one.usage_point) ?? one.usage_point)),
    h("span", {}, one.registers.map((of) => h("span", { class: "line" }, `${dialName(of, one.registers)} ${number(of.value, Number.isInteger(of.value) ? 0 : 2)}`.trim()))),
    h("span", { class: `m-state ${one.state}` }, t(`state-${one.state}`, one.state), one.reason && h("small", { class: "under" }, one.reason)),
  ]);
  return card(t("sent"), table(t("sent"), [{ name: t("day") }, { name: t("readings"), isNumber: true }, { name: "" }], rows));
}
