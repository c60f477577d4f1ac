/** A quantity of the network over a period: a line a phase, told apart by hue, dash and letter. */
import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { bands } from "./bands";
import { axisDecimals, formatNumber } from "./numbers";
import { faded, FONT, hatch, token } from "./palette";
import type { RegimePayload } from "./payloads";
import { row, tip } from "./tooltip";
import { clock, date, dayMonth, ticks, wallOf } from "./wallclock";
import { phaseHue, phaseInk } from "./vectors";
import { wordsIn } from "./words";
import type { Window } from "./profile";

const DASH: Record<string, number[] | "solid"> = {
  A: "solid",
  B: [7, 3],
  C: [2, 2.5],
  N: [8, 3, 2, 3],
  "": "solid",
};

export const regimeWhole = (payload: RegimePayload): Window => ({
  from: payload.start,
  to: payload.end,
});

/** A dragged stretch in whole intervals; null where it is too short to be meant. */
export function regimeSnapped(payload: RegimePayload, from: number, to: number): Window | null {
  const step = payload.step * 1000;
  const low = payload.start + Math.floor((from - payload.start) / step) * step;
  const high = payload.start + Math.ceil((to - payload.start) / step) * step;
  const next = { from: Math.max(low, payload.start), to: Math.min(high, payload.end) };
  return next.to - next.from >= 2 * step ? next : null;
}

export function regime(payload: RegimePayload, place: Place, shown: Window): Option {
  const option = base({ right: place.narrow ? 22 : 34, top: 30 });
  const step = payload.step * 1000;
  const first = Math.max(0, Math.floor((shown.from - payload.start) / step));
  const last = Math.ceil((shown.to - payload.start) / step);
  const moments = Array.from({ length: last - first }, (_, i) => payload.start + (first + i) * step);
  const lines = payload.lines.map((line) => ({ ...line, value: line.value.slice(first, last) }));
  option.xAxis = timeAxis(payload, place, shown);
  option.yAxis = valueAxis(payload.unit, place.language, {
    ...limits(payload, lines.flatMap((line) => line.value)),
    axisLabel: {
      color: token("ink-3"),
      margin: 10,
      formatter: (value: number) => formatNumber(value, decimalsOf(value), place.language),
    },
  });
  option.series = [
    bands(gaps(lines, moments, step), 1),
    ...marks(payload),
    ...lines.map((line, i) => drawn(line, i, moments, step)),
  ];
  (option.tooltip as Record<string, unknown>).formatter = (hits: { value: number[] }[]) =>
    describe(hits[0]?.value[0] ?? NaN, payload, lines, moments, place);
  return option;
}

/** Decimals that a tick needs; ECharts gives 0.30000000000000004 for 0.3. */
function decimalsOf(value: number): number {
  const places = String(Number(value.toPrecision(8))).split(".")[1]?.length ?? 0;
  return places ? axisDecimals(10 ** -places) : 0;
}

/** The axis holds the band and all values, in round steps; it begins at zero where it must. */
function limits(payload: RegimePayload, values: (number | null)[]): object {
  const known = values.filter((value): value is number => value !== null);
  const { band } = payload;
  if (!band) return payload.zero ? {} : { min: undefined, scale: true };
  const low = Math.min(band.low, ...known);
  const high = Math.max(band.high, ...known);
  const power = 10 ** Math.floor(Math.log10((band.high - band.low) / 4.6));
  const step = (band.high - band.low) / 4.6 >= 5 * power ? 5 * power : power;
  return {
    min: Math.floor((low - step / 2) / step) * step,
    max: Math.ceil((high + step / 2) / step) * step,
  };
}

type Line = RegimePayload["lines"][number];

function drawn(line: Line, place: number, moments: number[], step: number): object {
  const hue = line.letter ? phaseHue(line.letter) : token("ink");
  const ink = line.letter ? phaseInk(line.letter) : token("ink");
  return {
    type: "line",
    name: line.label,
    data: moments.map((moment, i) => [moment + step / 2, line.value[i] ?? null]),
    symbol: "none",
    connectNulls: false,
    z: 3 + place,
    lineStyle: { color: hue, width: line.letter ? 1.7 : 2, type: DASH[line.letter] },
    itemStyle: { color: hue },
    endLabel: {
      show: line.letter !== "",
      formatter: line.letter,
      color: ink,
      fontWeight: 700,
      fontSize: 12,
      lineHeight: 15,
      distance: 6,
      fontFamily: FONT,
    },
    labelLayout: { moveOverlap: "shiftY" },
  };
}

/** Where no line has a value: hatched, never joined. */
function gaps(lines: Line[], moments: number[], step: number) {
  const found: { from: number; to: number; fill: object }[] = [];
  const fill = hatch();
  moments.forEach((moment, i) => {
    if (lines.some((line) => line.value[i] != null)) return;
    const last = found[found.length - 1];
    if (last && last.to === moment) last.to = moment + step;
    else found.push({ from: moment, to: moment + step, fill });
  });
  return found as never;
}

/** The permitted band with its edges in words, and the moment of the page. */
function marks(payload: RegimePayload): object[] {
  const { band } = payload;
  const lines: object[] = [];
  const label = (formatter: string, position: string): object => ({
    show: true,
    formatter,
    position,
    fontSize: 11,
    color: token("ink-2"),
    fontFamily: FONT,
    distance: [4, 2],
  });
  const edge = { color: faded(token("good"), 0.5), type: "solid", width: 1 };
  if (band) {
    const middle = { color: token("line-strong"), type: [2, 3], width: 1 };
    lines.push(
      { yAxis: band.high, lineStyle: edge, label: label(band.words[0], "insideStartTop") },
      { yAxis: band.middle, lineStyle: middle, label: label(band.words[1], "insideStartTop") },
      { yAxis: band.low, lineStyle: edge, label: label(band.words[2], "insideStartBottom") },
    );
  }
  if (payload.at !== null) {
    const style = { color: token("ink-4"), type: "solid", width: 1 };
    lines.push({ xAxis: payload.at, lineStyle: style, label: { show: false } });
  }
  return [
    {
      type: "line",
      data: [],
      silent: true,
      tooltip: { show: false },
      markLine: { silent: true, symbol: "none", data: lines },
      ...(band
        ? {
            markArea: {
              silent: true,
              itemStyle: { color: token("band") },
              data: [[{ yAxis: band.low }, { yAxis: band.high }]],
            },
          }
        : {}),
    },
  ];
}

function timeAxis(payload: RegimePayload, place: Place, shown: Window): object {
  const marks = ticks(shown.from, shown.to, payload.zone, Math.max(3, place.width / 72));
  return {
    type: "time",
    min: shown.from,
    max: shown.to,
    axisLine: axisLine(),
    axisTick: { show: false, customValues: marks.at },
    splitLine: { show: false },
    axisLabel: {
      color: token("ink-3"),
      margin: 9,
      hideOverlap: true,
      customValues: marks.at,
      alignMinLabel: marks.at[0] === shown.from ? "left" : "center",
      alignMaxLabel: marks.at.at(-1) === shown.to ? "right" : "center",
      rich: { d: { color: token("ink"), fontWeight: 600, fontSize: 12 } },
      formatter: (moment: number) => {
        const wall = wallOf(moment, payload.zone);
        const time = clock(wall);
        if (marks.unit !== "hour") return dayMonth(wall);
        return time === "00:00" ? `{d|${dayMonth(wall)}}` : time;
      },
    },
  };
}

function describe(
  middle: number,
  payload: RegimePayload,
  lines: Line[],
  moments: number[],
  place: Place,
): HTMLElement | string {
  const step = payload.step * 1000;
  const i = moments.indexOf(middle - step / 2);
  if (i < 0) return "";
  const wall = wallOf(moments[i]!, payload.zone);
  const end = wallOf(moments[i]! + step, payload.zone);
  const when = `${date(wall)}, ${clock(wall)}–${end % 86_400_000 === 0 ? "24:00" : clock(end)}`;
  const known = lines.filter((line) => line.value[i] != null);
  if (!known.length) return tip(when, row(wordsIn(place.language).noData, ""));
  return tip(
    when,
    ...known.map((line) => {
      const value = formatNumber(line.value[i], payload.decimals, place.language);
      return line.letter
        ? row(value, payload.unit, `ph-${line.letter.toLowerCase() as "a" | "b" | "c" | "n"}`, line.label)
        : row(value, payload.unit, undefined, line.label);
    }),
  );
}
