/** Stretches of one quality. Nothing is ever joined across a gap: a run is drawn as one shape. */
import { Quality } from "./payloads";
import type { ProfileSeries } from "./payloads";

/** A series with nothing left out, and the end of each interval. */
export interface Rows {
  start: number[];
  end: number[];
  value: (number | null)[];
  quality: Quality[];
  note: (string | null)[];
}

/** Indexes [first, last] of neighbouring intervals of one quality. */
export interface Run {
  quality: Quality;
  first: number;
  last: number;
}

export function rowsOf(series: ProfileSeries, start: number[], end: number[]): Rows {
  return {
    start,
    end,
    value: series.value,
    quality: series.value.map((value, i) => {
      const said = series.quality?.[i];
      if (value == null) return said === Quality.NotYet ? Quality.NotYet : Quality.Missing;
      return said ?? Quality.Measured;
    }),
    note: series.value.map((_, i) => series.note?.[i] ?? null),
  };
}

/** The intervals wholly inside [from, to]; the axis then fits what is shown. */
export function within(rows: Rows, from: number, to: number): Rows {
  const inside = (_: unknown, i: number): boolean => rows.start[i]! >= from && rows.end[i]! <= to;
  return {
    start: rows.start.filter(inside),
    end: rows.end.filter(inside),
    value: rows.value.filter(inside),
    quality: rows.quality.filter(inside),
    note: rows.note.filter(inside),
  };
}

const touches = (rows: Rows, i: number): boolean => rows.end[i - 1] === rows.start[i];

/** Runs over all intervals, those without a value too. */
export function runs(rows: Rows): Run[] {
  const found: Run[] = [];
  rows.quality.forEach((quality, i) => {
    const last = found[found.length - 1];
    if (last && last.quality === quality && last.last === i - 1 && touches(rows, i)) last.last = i;
    else found.push({ quality, first: i, last: i });
  });
  return found;
}

export const hasValue = (run: Run): boolean =>
  run.quality !== Quality.Missing && run.quality !== Quality.NotYet;

/** A stretch of time for a band behind the values. */
export interface Stretch {
  from: number;
  to: number;
}

export function stretches(rows: Rows, quality: Quality): Stretch[] {
  return runs(rows)
    .filter((run) => run.quality === quality)
    .map((run) => ({ from: rows.start[run.first]!, to: rows.end[run.last]! }));
}

/** Where every one of several series has no value. */
export function common(all: Stretch[][]): Stretch[] {
  if (all.length === 0) return [];
  return all.reduce((left, right) => {
    const both: Stretch[] = [];
    for (const a of left) {
      for (const b of right) {
        const from = Math.max(a.from, b.from);
        const to = Math.min(a.to, b.to);
        if (from < to) both.push({ from, to });
      }
    }
    return both;
  });
}
