import { expect, test } from "vitest";

import { outline, thinned } from "../src/charts/outline";

const steps = (value: number[]) => ({
  start: value.map((_, i) => i),
  end: value.map((_, i) => i + 1),
  value,
});
const plane = (width: number, column = 1) => ({
  x: (moment: number) => moment * width,
  y: (value: number) => -value,
  column,
});

test("steps wider than a column keep both their corners", () => {
  expect(outline(steps([5, 1, 3]), 0, 2, plane(2))).toEqual([
    [0, -5], [2, -5], [2, -1], [4, -1], [4, -3], [6, -3],
  ]);
});

test("only the steps that were asked for are drawn", () => {
  expect(outline(steps([5, 1, 3]), 1, 1, plane(2))).toEqual([[2, -1], [4, -1]]);
});

test("of a column its first, lowest, highest and last are kept in their order", () => {
  const levels = outline(steps([4, 4, 9, 5, 1, 6, 7, 3]), 0, 7, plane(1 / 8)).map(([, y]) => -y);
  expect(levels).toEqual([4, 4, 9, 9, 1, 1, 3, 3]);
});

test("thousands of steps keep every column's extent with few corners", () => {
  const value = Array.from({ length: 3_500 }, (_, i) => (i * 7919) % 1009);
  const width = 200 / value.length;
  const corners = outline(steps(value), 0, value.length - 1, plane(width));
  expect(corners.length).toBeLessThanOrEqual(201 * 8);
  for (let column = 0; column < 200; column++) {
    const mine = value.filter((_, i) => Math.floor(i * width) === column);
    const drawn = corners
      .filter(([x], i) => i % 2 === 0 && Math.floor(x) === column)
      .map(([, y]) => -y);
    expect(Math.max(...drawn)).toBe(Math.max(...mine));
    expect(Math.min(...drawn)).toBe(Math.min(...mine));
  }
});

test("the line goes on from where it was", () => {
  const value = Array.from({ length: 500 }, (_, i) => i % 17);
  const corners = outline(steps(value), 0, 499, plane(0.21));
  corners.reduce((before, corner) => {
    expect(corner[0]).toBeGreaterThanOrEqual(before[0]);
    return corner;
  });
  expect(corners[0]).toEqual([0, -0]);
  expect(corners.at(-1)![0]).toBeCloseTo(105);
});

test("a pointer's places are one for each column, all where they are few", () => {
  expect(thinned([0, 1, 2, 3, 4, 5, 6, 7], 0, 8, 4)).toEqual([0, 2, 4, 6]);
  expect(thinned([0.5, 2.5, 6.5], 0, 8, 100)).toEqual([0.5, 2.5, 6.5]);
});
