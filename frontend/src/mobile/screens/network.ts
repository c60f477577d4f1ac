/** Voltages, currents and powers of the latest moment by phase, and what the server says of them. */
import { h, icon } from "../dom";
import { amount, clock, day } from "../format";
import { card, empty, lead, table } from "../parts";
import type { Network, Verdict } from "../types";
import { of, ofPoint, type Screen } from "../view";
import { t, tell } from "../words";

const QUANTITIES = ["U", "I", "P", "Q", "S", "PF"];
const UNITS: Record<string, string> = { U: "V", I: "A", P: "kW", Q: "kvar", S: "kVA", PF: "" };

export const network: Screen = {
  title: "network",
  tab: "more",
  back: () => "#/more",
  needs: (context): Record<string, string> =>
    context.point.resource === "electricity" ? { network: ofPoint(context, "network") } : {},
  draw(answers, context) {
    if (context.point.resource !== "electricity") return [empty(t("empty-network-resource"))];
    const told = of<Network>(answers, "network");
    if (!told?.at) return [empty(told ? t("empty-network") : t("no-data"))];
    const how = told.minutes ? tell("net-mean", { minutes: told.minutes }) : t("net-moment");
    return [
      lead(tell("net-at", { at: `${day(told.at, true)} ${clock(told.at)}` })),
      h("p", { class: "m-under" }, how),
      ...judged(told.verdicts),
      told.is_doubtful ? h("p", { class: "m-verdict warn" }, icon("alert-circle"), t("net-doubtful")) : null,
      card(null, values(told)),
    ];
  },
};

const SIGNS: Record<Verdict["state"], () => SVGElement> = {
  good: () => icon("circle-check"),
  warn: () => icon("alert-circle"),
  bad: () => icon("alert-triangle"),
  info: () => icon("info-circle"),
  unknown: () => icon("info-circle"),
};
const RANK = ["bad", "warn", "good", "info", "unknown"];

/** Each verdict in words, what is wrong first. */
function judged(verdicts: Verdict[]): Node[] {
  return [...verdicts]
    .sort((one, other) => RANK.indexOf(one.state) - RANK.indexOf(other.state))
    .map((one) => {
      const key = `verdict-${one.topic}-${one.code}`;
      const parts = partsOf(one);
      return h(
        "div",
        { class: `m-verdict ${one.state}` },
        SIGNS[one.state](),
        h("span", {}, tell(key, parts), h("small", {}, tell(`${key}-note`, parts))),
      );
    });
}

/** What the sentences are filled with. */
export function partsOf({ phases, numbers, topic }: Pick<Verdict, "phases" | "numbers" | "topic">): Record<string, string> {
  const volts = topic === "voltage";
  const told: Record<string, string> = {
    phases: tell(phases.length > 1 ? "net-phases" : "net-phase", { letters: phases.join(", ") }),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (volts && ["least", "most", "agreed"].includes(name)) told[name] = amount(value, "V");
    else told[name] = amount(Math.abs(value), "", 0);
  }
  if (!volts && numbers.most != null) told.limit = amount(numbers.most, "A", 0);
  return told;
}

function values(told: Network): Node {
  const phases = ["A", "B", "C"].filter((phase) => QUANTITIES.some((one) => told.values[one + phase] != null));
  const columns = phases.map((phase) => ({ key: phase, name: t(`phase-${phase}`) }));
  if (phases.length !== 1) columns.push({ key: "", name: t("whole") });
  const rows = QUANTITIES.filter((one) => columns.some(({ key }) => told.values[one + key] != null)).map((one) => [
    h("span", {}, t(`net-${one}`), h("small", { class: "under" }, unitOf(one))),
    ...columns.map(({ key }) => bare(told.values[one + key], one)),
  ]);
  const frequency = told.values.F;
  return h(
    "div",
    {},
    table(t("network"), [{ name: "" }, ...columns.map(({ name }) => ({ name, isNumber: true }))], rows),
    frequency != null && h("p", { class: "m-note" }, `${t("net-F")}: ${amount(frequency, "Hz")}`),
  );
}

const unitOf = (quantity: string): string => amount(0, UNITS[quantity]!).replace(/^[\d.,]+\u00a0?/, "");

function bare(value: number | undefined, quantity: string): string {
  return value == null ? "—" : amount(value, UNITS[quantity]!).split("\u00a0")[0]!;
}
