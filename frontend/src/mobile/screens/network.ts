/** Voltages, currents and powers of the latest moment by phase, and whether the voltage is right. */
import { h, icon } from "../dom";
import { amount, clock, day } from "../format";
import { card, empty, lead, table } from "../parts";
import type { Network, Point } from "../types";
import { of, ofPoint, type Screen } from "../view";
import { t, tell } from "../words";

/** ГОСТ 32144-2013, 4.2.2: ten percent of the agreed voltage, at low voltage 230 V. */
const NOMINAL = 230;
const TOLERANCE = 0.1;
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
      verdict(told, context.point),
      told.is_doubtful ? h("p", { class: "m-verdict warn" }, icon("alert-circle"), t("net-doubtful")) : null,
      card(null, values(told)),
    ];
  },
};

/** Phases whose voltage is outside the limits. */
export function outside(values: Record<string, number>): string[] {
  return ["A", "B", "C"].filter((phase) => {
    const volts = values[`U${phase}`];
    return volts != null && Math.abs(volts / NOMINAL - 1) > TOLERANCE + 1e-9;
  });
}

function verdict(told: Network, point: Point): Node | null {
  const volts = ["A", "B", "C"].flatMap((phase) => told.values[`U${phase}`] ?? []);
  if (point.voltage_level !== "LV" || !volts.length) return null;
  const wrong = outside(told.values);
  const words = wrong.length
    ? wrong.map((phase) => tell("net-bad", { phase, value: amount(told.values[`U${phase}`], "V") })).join(". ")
    : tell(volts.length > 1 ? "net-good" : "net-good-one", { low: round(Math.min(...volts)), high: round(Math.max(...volts)) });
  return h(
    "div",
    { class: `m-verdict ${wrong.length ? "bad" : "good"}` },
    wrong.length ? icon("alert-triangle") : icon("circle-check"),
    h("span", {}, words, h("small", {}, t("net-norm"))),
  );
}

const round = (volts: number): string => amount(volts, "", 1);

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
