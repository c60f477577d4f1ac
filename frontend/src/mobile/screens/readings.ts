/** What the meter's registers showed at the start of the month and last. */
import { firstOf, monthOf, plusDays } from "../days";
import { h } from "../dom";
import { clock, day, number, unitName } from "../format";
import { card, empty, lead, table } from "../parts";
import type { Complex, Listed, Register } from "../types";
import { of, ofPoint, type Screen } from "../view";
import { monthName, t, tell } from "../words";

export const readings: Screen = {
  title: "readings",
  tab: "readings",
  needs: (context) => ({
    registers: ofPoint(context, "registers", {
      from: firstOf(monthOf(context.today)),
      to: plusDays(context.today, 1),
    }),
    complexes: `complexes?usage_point=${encodeURIComponent(context.point.code)}`,
  }),
  draw(answers, context) {
    const found = of<{ registers: Register[] }>(answers, "registers")?.registers;
    const complexes = of<Listed<Complex>>(answers, "complexes")?.items ?? [];
    if (!found?.length) return [empty(t("empty-readings"))];
    const month = monthName(Number(context.today.slice(5, 7)), "of");
    const first = firstOf(monthOf(context.today));
    const meters = [...new Set(found.map((one) => one.meter))];
    return [
      lead(tell("readings-lead", { month })),
      ...meters.map((meter) => ofMeter(meter, found.filter((one) => one.meter === meter), complexes, first)),
    ];
  },
};

function ofMeter(meter: string, registers: Register[], complexes: Complex[], first: string): Node {
  const channels = [...new Set(registers.map((one) => one.channel))];
  const ratio = ratioOf(complexes.find((one) => one.meter === meter));
  const drawn = channels.map((channel) =>
    ofChannel(channel, registers.filter((one) => one.channel === channel), first),
  );
  return card(
    tell("meter", { number: meter }),
    drawn[0],
    drawn.length > 1 &&
      h("details", { class: "m-more" }, h("summary", {}, t("other-channels")), ...drawn.slice(1)),
    ratio !== "1" && h("p", { class: "m-note" }, tell("ratio", { ratio })),
  );
}

function ofChannel(channel: string, registers: Register[], first: string): HTMLElement {
  const unit = registers[0]!.unit;
  const sorted = [...registers].sort((one, other) => (one.tariff || 99) - (other.tariff || 99));
  const rows = sorted.map((one) => {
    const opening = one.at.findIndex((at) => at.startsWith(`${first}T00:00`));
    const last = one.values.length - 1;
    const [start, now] = [one.values[opening], one.values[last]];
    const at = one.at[last]!;
    return [
      one.tariff ? `T${one.tariff}` : t("all-zones"),
      start == null ? h("span", { class: "m-missing" }, t("no-data")) : number(start, 2),
      h("span", {}, number(now, 2), h("small", { class: "under" }, `${day(at)} ${clock(at)}`)),
      start == null || now == null ? "—" : number(now - start, 2),
    ];
  });
  return h(
    "div",
    {},
    h("h3", {}, `${name(channel)}, ${unitName(unit)}`),
    table(`${channel}, ${unitName(unit)}`, [
      { name: t("zone") },
      { name: t("month-start"), isNumber: true },
      { name: t("latest"), isNumber: true },
      { name: t("counted"), isNumber: true },
    ], rows),
  );
}

const name = (channel: string): string => channel.replace("-", "\u2212");

/** Current times voltage ratio, as a whole number where it is one. */
export function ratioOf(one: Pick<Complex, "ct_ratio" | "vt_ratio"> | undefined): string {
  if (!one) return "1";
  const [up, down] = [one.ct_ratio, one.vt_ratio]
    .map((part) => part.split("/").map(Number))
    .reduce(([whole, under], [a = 1, b = 1]) => [whole! * a, under! * b], [1, 1]);
  return number(up! / down!, up! % down! === 0 ? 0 : 3) === number(1, 0) ? "1" : number(up! / down!, up! % down! === 0 ? 0 : 3);
}
