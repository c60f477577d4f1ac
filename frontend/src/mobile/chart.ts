/**
 * Small pictures in SVG: bars of a period and the sum of a month. What is missing is hatched, never
 * zero; what is estimated is lighter and dashed. A table beside them says the same.
 */
import { s } from "./dom";
import { decimalsOf, number, unitName } from "./format";
import { t, tell } from "./words";

export interface Bar {
  label: string;
  value: number | null;
  /** Share of it that is estimated. */
  estimated: number;
  /** Nothing can be there yet. */
  isAhead?: boolean;
  href?: string;
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [328, 168, 42, 20, 22];
let patterns = 0;

/** Where an axis ends and how far its marks are apart: 3 or 4 of them. */
export function scale(most: number): { end: number; step: number } {
  if (!(most > 0)) return { end: 1, step: 0.5 };
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough - power * 1e-9)!;
  return { end: Math.ceil(most / step - 1e-9) * step, step };
}

export function bars(title: string, unit: string, shown: Bar[], labels: (place: number) => string): SVGElement {
  const most = Math.max(0, ...shown.map((one) => one.value ?? 0));
  const axis = scale(most);
  const [wide, high] = [(WIDTH - LEFT) / Math.max(1, shown.length), HEIGHT - TOP - BOTTOM];
  const hatch = `hatch-${(patterns += 1)}`;
  const thick = Math.max(1, Math.min(wide * 0.72, wide - 1, 22));
  const drawn = shown.flatMap((one, place) => {
    const at = LEFT + wide * place;
    if (one.value == null) {
      const kind = one.isAhead ? "gap ahead" : "gap";
      return [s("rect", { class: kind, fill: `url(#${hatch})`, x: at, y: TOP, width: wide, height: high })];
    }
    return stacked(one, { x: at + (wide - thick) / 2, base: TOP + high, width: thick, tall: (one.value / axis.end) * high });
  });
  const names = shown.map((_, place) => {
    const label = labels(place);
    const x = LEFT + wide * (place + 0.5);
    return label ? s("text", { class: "tick", x, y: HEIGHT - 6, "text-anchor": "middle" }, label) : null;
  });
  return picture(title, unit, axis, hatch, [...drawn, ...names]);
}

/** A bar, its estimated share on top; a little of it is seen as a little. */
function stacked(one: Bar, box: { x: number; base: number; width: number; tall: number }): SVGElement[] {
  const { x, base, width, tall } = box;
  const above = one.estimated > 0 ? Math.min(tall, Math.max(tall * one.estimated, 3)) : 0;
  const part = (kind: string, y: number, height: number) =>
    s("rect", { class: kind, x, y, width, height, rx: Math.min(3, width / 3, height / 2) });
  const parts: SVGElement[] = [];
  if (tall - above > 0) parts.push(part("bar", base - tall + above, tall - above));
  if (above > 0) parts.push(part("bar estimated", base - tall, above));
  return parts;
}

export interface Growing {
  /** Sum after each day that is known, kWh; null from the first day without data on. */
  known: (number | null)[];
  before: (number | null)[];
  days: number;
  ahead: { total: number; low: number; high: number; from: number } | null;
}

/** The sum of a month by its days, the month before, and the forecast with its band. */
export function growing(title: string, unit: string, of: Growing): SVGElement {
  const sums = [...of.known, ...of.before, of.ahead?.high ?? 0].map((one) => one ?? 0);
  const axis = scale(Math.max(...sums));
  const high = HEIGHT - TOP - BOTTOM;
  const x = (day: number) => LEFT + ((WIDTH - LEFT - 6) * day) / of.days;
  const y = (value: number) => TOP + high - (value / axis.end) * high;
  const line = (values: (number | null)[], kind: string) => {
    const points = [`${x(0)},${y(0)}`];
    for (const [place, value] of values.entries()) {
      if (value == null) break;
      points.push(`${x(place + 1).toFixed(1)},${y(value).toFixed(1)}`);
    }
    return points.length > 1 ? s("polyline", { class: kind, points: points.join(" ") }) : null;
  };
  const last = lastKnown(of.known);
  const parts: (SVGElement | null)[] = [line(of.before.slice(0, of.days), "line before"), line(of.known, "line")];
  if (of.ahead && last >= 0) {
    const { total, low, high: top } = of.ahead;
    const [from, value] = [x(last + 1), of.known[last]!];
    const [to, start] = [x(of.days), y(value)];
    parts.unshift(s("polygon", { class: "band", points: `${from},${start} ${to},${y(top)} ${to},${y(low)}` }));
    parts.push(s("polyline", { class: "line ahead", points: `${from},${start} ${to},${y(total)}` }));
    parts.push(s("circle", { class: "dot", cx: from, cy: start, r: 4 }));
  }
  for (const day of [10, 20, of.days]) {
    parts.push(s("text", { class: "tick", x: x(day), y: HEIGHT - 6, "text-anchor": day === of.days ? "end" : "middle" }, String(day)));
  }
  return picture(title, unit, axis, `hatch-${(patterns += 1)}`, parts);
}

/** The place of the last value that is there; -1 where none is. */
export function lastKnown(values: (number | null)[]): number {
  let last = -1;
  for (const [place, value] of values.entries()) if (value != null) last = place;
  return last;
}

function picture(
  title: string,
  unit: string,
  axis: { end: number; step: number },
  hatch: string,
  drawn: (SVGElement | null)[],
): SVGElement {
  const high = HEIGHT - TOP - BOTTOM;
  const decimals = axis.step >= 1 ? 0 : Math.min(3, Math.max(1, decimalsOf(unit)), Math.ceil(-Math.log10(axis.step)) + 1);
  const marks: SVGElement[] = [];
  for (let value = 0; value <= axis.end * (1 + 1e-9); value += axis.step) {
    const at = TOP + high - (value / axis.end) * high;
    marks.push(s("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: at, y2: at }));
    marks.push(s("text", { class: "tick", x: LEFT - 6, y: at + 4, "text-anchor": "end" }, number(value, decimals)));
  }
  return s(
    "svg",
    { class: "m-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": tell("chart-of", { what: title }) },
    s(
      "defs",
      {},
      s(
        "pattern",
        { id: hatch, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        s("rect", { class: "hatch-ground", width: 6, height: 6 }),
        s("line", { class: "hatch-line", x1: 0, x2: 0, y1: 0, y2: 6 }),
      ),
    ),
    s("text", { class: "tick", x: LEFT - 6, y: 10, "text-anchor": "end" }, unitName(unit)),
    marks,
    drawn,
  );
}

/** What the signs of a picture mean; only those that are in it. */
export function legendOf(shown: Bar[]): string[][] {
  const found: string[][] = [["bar", t("measured")]];
  if (shown.some((one) => one.estimated > 0)) found.push(["estimated", t("estimated")]);
  if (shown.some((one) => one.value == null && !one.isAhead)) found.push(["gap", t("missing")]);
  if (shown.some((one) => one.isAhead)) found.push(["gap ahead", t("ahead")]);
  return found;
}
