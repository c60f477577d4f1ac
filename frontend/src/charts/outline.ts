/**
 * A stepped line with no more corners than can be seen.
 *
 * A year of half-hours has 17,520 steps on some thousand pixels. Of the steps of one column the
 * eye sees where the line enters, how low and how high it goes, and where it leaves; these four
 * are kept, in their order, so the picture is the same and is drawn in a fraction of the time.
 */

/** Where things stand, in pixels; both are linear in a chart's plane. */
export interface Plane {
  x: (moment: number) => number;
  y: (value: number) => number;
  /** Width of a column: what is narrower cannot be told apart. */
  column: number;
}

export type Corner = [number, number];

/** Corners of the steps [first, last] of `start`, `end` and `value`, which stand without a gap. */
export function outline(
  steps: { start: number[]; end: number[]; value: (number | null)[] },
  first: number,
  last: number,
  { x, y, column }: Plane,
): Corner[] {
  const corners: Corner[] = [];
  let i = first;
  while (i <= last) {
    const left = x(steps.start[i]!);
    const border = (Math.floor(left / column) + 1) * column;
    let after = i;
    let low = i;
    let high = i;
    // A step that reaches over the column's border is the last of it.
    while (after <= last && x(steps.start[after]!) < border) {
      if (steps.value[after]! < steps.value[low]!) low = after;
      if (steps.value[after]! > steps.value[high]!) high = after;
      after++;
    }
    const kept = new Set([i, Math.min(low, high), Math.max(low, high), after - 1]);
    for (const place of kept) {
      const level = y(steps.value[place]!);
      corners.push([x(steps.start[place]!), level], [x(steps.end[place]!), level]);
    }
    i = after;
  }
  return corners;
}

/** Of ascending moments one for each column of [from, to): as many as a pointer can hit. */
export function thinned(moments: number[], from: number, to: number, columns: number): number[] {
  const column = (to - from) / columns;
  let taken = -Infinity;
  return moments.filter((moment) => {
    const place = Math.floor((moment - from) / column);
    if (place === taken) return false;
    taken = place;
    return true;
  });
}
