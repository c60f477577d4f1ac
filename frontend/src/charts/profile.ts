/** Values by interval, hour, day or month; see ProfilePayload. */
import { bands, bandWords, type Band } from "./bands";
import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber, type Language } from "./numbers";
import { thinned } from "./outline";
import { DASHES, faded, hatch, hue, token } from "./palette";
import { Quality, type Hue, type ProfilePayload, type ProfileSeries } from "./payloads";
import { common, rowsOf, stretches, within, type Rows, type Stretch } from "./runs";
import { intervals } from "./shapes";
import { node, row, small, tip } from "./tooltip";
import { clock, date, dayMonth, endsOf, ticks, wallOf, type Ticks } from "./wallclock";
import { formatDuration, wordsIn } from "./words";

/** The part of the period shown: all of it, or what was dragged over. */
export interface Window {
  from: number;
  to: number;
}

export const wholeOf = (payload: ProfilePayload): Window => ({
  from: Date.parse(payload.start),
  to: Date.parse(payload.end),
});

interface Drawn {
  series: ProfileSeries;
  rows: Rows;
}

export function profile(payload: ProfilePayload, place: Place, shown: Window): Option {
  const drawn = withRows(payload).map(({ series, rows }) => ({
    series,
    rows: within(rows, shown.from, shown.to),
  }));
  const alone = drawn.length === 1;
  const option = base();
  option.xAxis = timeAxis(payload, place, shown);
  option.yAxis = valueAxis(unitsOf(payload), place.language);

  const none = absent(payload, drawn, place.language);
  const pattern = hatch();
  const estimated = drawn.flatMap(({ series, rows }) =>
    stretches(rows, Quality.Estimated).map(
      (s): Band => ({ ...s, fill: faded(hue(series.hue), alone ? 0.07 : 0.05) }),
    ),
  );
  const nights = (payload.nights ?? []).map(
    ([from, to]): Band => ({ from, to, fill: token("z-night") }),
  );
  option.series = [
    bands(nights, 0),
    bands(estimated, 1),
    bands(none.map((s) => ({ ...s, fill: pattern })), 1),
    bandWords(none, 6),
    ...comparison(payload, shown),
    ...drawn.map(({ series, rows }, i) =>
      intervals(rows, {
        colour: hue(series.hue),
        dash: DASHES[i % DASHES.length] ?? null,
        line: !alone,
        air: typeof payload.step === "number" ? 0 : 0.3,
      }),
    ),
    pointerTargets(drawn, place, shown),
  ];
  const byMoment = new Map(drawn.flatMap(({ rows }) => rows.start.map((s, i) => [mid(rows, i), s])));
  (option.tooltip as Record<string, unknown>).formatter = (hits: { value: number[] }[]) => {
    const start = byMoment.get(hits[0]?.value[0] ?? NaN);
    return start === undefined ? "" : describe(start, payload, drawn, place.language);
  };
  return option;
}

function withRows(payload: ProfilePayload): Drawn[] {
  const shared = payload.series[0]?.start ?? [];
  return payload.series.map((series) => {
    const start = series.start ?? shared;
    return { series, rows: rowsOf(series, start, endsOf(start, payload.step, payload.zone)) };
  });
}

function unitsOf(payload: ProfilePayload): string {
  return [...new Set(payload.series.map((series) => series.unit ?? payload.unit))].join(", ");
}

/** Stretches without a value, with their words. What has not arrived yet is one stretch to the end. */
function absent(
  payload: ProfilePayload,
  drawn: Drawn[],
  language: Language,
): (Stretch & { text: string })[] {
  const words = wordsIn(language);
  const { to } = wholeOf(payload);
  const arrived = payload.until === null ? to : Math.min(to, Date.parse(payload.until));
  const until = arrived < to ? afterRunning(arrived, drawn) : to;
  const missing = [Quality.Missing, Quality.Partial].flatMap((quality) =>
    common(drawn.map(({ rows }) => stretches(rows, quality)))
      .map((s) => ({ from: s.from, to: Math.min(s.to, until) }))
      .filter((s) => s.from < s.to)
      .map((s) => ({
        ...s,
        text: `${words.quality[quality]}\n${formatDuration(s.to - s.from, language)}`,
      })),
  );
  if (until >= to) return missing;
  const last = wallOf(arrived, payload.zone);
  const day = wallOf(to - 1, payload.zone);
  const moment = dayMonth(last) === dayMonth(day) ? clock(last) : `${dayMonth(last)} ${clock(last)}`;
  return [...missing, { from: until, to, text: words.dataUntil(moment) }];
}

/** A day or month still running has its bar; what has not arrived is hatched from its end. */
function afterRunning(arrived: number, drawn: Drawn[]): number {
  const ends = drawn.flatMap(({ rows }) =>
    rows.end.filter((end, i) => rows.start[i]! < arrived && end > arrived && rows.value[i] != null),
  );
  return Math.max(arrived, ...ends);
}

function timeAxis(payload: ProfilePayload, place: Place, shown: Window): object {
  const civil = typeof payload.step !== "number";
  const marks = ticks(shown.from, shown.to, payload.zone, Math.max(3, place.width / 64));
  if (civil) marks.at = marks.at.map((moment) => moment + barMiddle(payload));
  // Under bars of days or months a name stands in the middle; else a day's name stands where the
  // day begins, an hour's under its line.
  const leading = !civil && marks.unit !== "hour" && shown.to - shown.from < 40 * 86_400_000;
  return {
    type: "time",
    min: shown.from,
    max: shown.to,
    axisLine: axisLine(),
    axisTick: { show: false, customValues: marks.at },
    splitLine: { show: !civil, lineStyle: { color: token("line-soft") } },
    axisLabel: {
      color: token("ink-3"),
      margin: 9,
      hideOverlap: true,
      customValues: marks.at,
      align: leading ? "left" : "center",
      alignMinLabel: leading || marks.at[0] === shown.from ? "left" : "center",
      alignMaxLabel: leading ? "left" : marks.at.at(-1) === shown.to ? "right" : "center",
      formatter: (moment: number) => tickWords(moment, marks, payload.zone, place),
    },
  };
}

/** Half of a bar's length, near enough to stand under it. */
const barMiddle = (payload: ProfilePayload): number =>
  (payload.step === "month" ? 15 : 0.5) * 86_400_000;

function tickWords(moment: number, marks: Ticks, zone: string, place: Place): string {
  const words = wordsIn(place.language);
  const wall = wallOf(moment, zone);
  const at = new Date(wall);
  if (marks.unit === "hour") return clock(wall);
  if (marks.unit === "year") return String(at.getUTCFullYear());
  if (marks.unit === "month") {
    const month = words.months[at.getUTCMonth()]!;
    return at.getUTCMonth() === 0 ? `${month} ${at.getUTCFullYear()}` : month;
  }
  return marks.at.length <= 8 && !place.narrow
    ? `${words.weekdays[at.getUTCDay()]} ${dayMonth(wall)}`
    : dayMonth(wall);
}

function comparison(payload: ProfilePayload, shown: Window): object[] {
  const compare = payload.compare;
  if (!compare) return [];
  const ends = endsOf(compare.start, payload.step, payload.zone);
  const points: [number, number | null][] = [];
  compare.start.forEach((start, i) => {
    if (start < shown.from || ends[i]! > shown.to) return;
    const value = compare.value[i] ?? null;
    points.push([start, value], [ends[i]! - 1, value]);
  });
  return [
    {
      type: "line",
      data: points,
      symbol: "none",
      silent: true,
      connectNulls: false,
      lineStyle: { color: token("compare"), width: 1.3 },
      tooltip: { show: false },
      z: 4,
    },
  ];
}

const mid = (rows: Rows, i: number): number => (rows.start[i]! + rows.end[i]!) / 2;

/** An unseen line with a point in each interval: what the pointer catches, gaps included. */
function pointerTargets(drawn: Drawn[], place: Place, { from, to }: Window): object {
  const all = new Set(drawn.flatMap(({ rows }) => rows.start.map((_, i) => mid(rows, i))));
  const moments = thinned([...all].sort((a, b) => a - b), from, to, Math.max(1, place.width));
  return {
    type: "line",
    id: "hit",
    data: moments.map((moment) => [moment, 0]),
    symbol: "none",
    lineStyle: { opacity: 0 },
    z: 5,
  };
}

function describe(
  start: number,
  payload: ProfilePayload,
  drawn: Drawn[],
  language: Language,
): HTMLElement {
  const words = wordsIn(language);
  const lines: HTMLElement[] = [];
  let end = start;
  for (const { series, rows } of drawn) {
    const i = rows.start.indexOf(start);
    if (i < 0) continue;
    end = rows.end[i]!;
    const value = rows.value[i];
    const unit = series.unit ?? payload.unit;
    const named = drawn.length > 1;
    const name: [Hue?, string?] = named ? [series.hue, series.label] : [];
    const word = words.quality[rows.quality[i]!];
    if (value != null) lines.push(row(formatNumber(value, payload.decimals, language), unit, ...name));
    else lines.push(named ? row(word, "", ...name) : node("b", "", word));
    const said = quality(rows, i, language, value == null);
    if (said && !(named && rows.quality[i] === Quality.Measured)) lines.push(small(said));
  }
  const before = payload.compare?.start.indexOf(start) ?? -1;
  if (payload.compare && before >= 0) {
    const value = formatNumber(payload.compare.value[before], payload.decimals, language);
    lines.push(small(`${payload.compare.label} ${value}`));
  }
  return tip(whenOf(start, end, payload, language), ...lines);
}

function quality(rows: Rows, i: number, language: Language, noteOnly: boolean): string {
  const note = rows.note[i];
  if (noteOnly) return note ?? "";
  const word = wordsIn(language).quality[rows.quality[i]!];
  return note ? `${word}: ${note}` : word;
}

function whenOf(start: number, end: number, payload: ProfilePayload, language: Language): string {
  const words = wordsIn(language);
  const wall = wallOf(start, payload.zone);
  const at = new Date(wall);
  if (payload.step === "month") return `${words.months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  const day = `${words.weekdays[at.getUTCDay()]} ${date(wall)}`;
  if (payload.step === "day") return day;
  const last = wallOf(end, payload.zone);
  const midnight = last % 86_400_000 === 0 && last > wall;
  return `${day}, ${clock(wall)}–${midnight ? "24:00" : clock(last)}`;
}

/** Widen a dragged stretch to whole intervals; null where it is too short to be meant. */
export function snapped(payload: ProfilePayload, from: number, to: number): Window | null {
  const { rows } = withRows(payload)[0] ?? {};
  if (!rows) return null;
  const inside = rows.start.findIndex((_, i) => rows.end[i]! > from);
  let last = inside;
  while (last + 1 < rows.start.length && rows.start[last + 1]! < to) last++;
  if (inside < 0 || last - inside < 1) return null;
  return { from: rows.start[inside]!, to: rows.end[last]! };
}
