import { describe, expect, it } from "vitest";

import { Quality, type ProfileSeries } from "../src/charts/payloads";
import { common, hasValue, rowsOf, runs, stretches, within } from "../src/charts/runs";

const STEP = 10;

function rows(value: (number | null)[], more: Partial<ProfileSeries> = {}, at?: number[]) {
  const start = at ?? value.map((_, i) => i * STEP);
  const end = start.map((moment) => moment + STEP);
  return rowsOf({ id: "x", label: "x", hue: "a-plus", value, ...more }, start, end);
}

describe("rowsOf", () => {
  it("takes a value without a quality as measured and a gap as missing", () => {
    expect(rows([1, null]).quality).toEqual([Quality.Measured, Quality.Missing]);
  });

  it("does not let a gap pass for something measured", () => {
    const told = rows([null, null], { quality: [Quality.Measured, Quality.NotYet] });
    expect(told.quality).toEqual([Quality.Missing, Quality.NotYet]);
  });
});

describe("runs", () => {
  it("joins neighbours of one quality and nothing across a gap", () => {
    const found = runs(rows([1, 2, null, 4, 5])).filter(hasValue);
    expect(found.map(({ first, last }) => [first, last])).toEqual([[0, 1], [3, 4]]);
  });

  it("parts estimated from measured", () => {
    const { Measured, Estimated } = Quality;
    const found = runs(rows([1, 2, 3], { quality: [Measured, Estimated, Estimated] }));
    expect(found.map((run) => run.quality)).toEqual([Measured, Estimated]);
  });

  it("parts intervals that the data leave out altogether", () => {
    expect(runs(rows([1, 2], {}, [0, 3 * STEP]))).toHaveLength(2);
  });
});

describe("stretches", () => {
  it("gives the time of a gap", () => {
    expect(stretches(rows([1, null, null, 4]), Quality.Missing)).toEqual([{ from: 10, to: 30 }]);
  });
});

describe("common", () => {
  it("is where all series have nothing", () => {
    const one = [{ from: 0, to: 30 }];
    const other = [{ from: 20, to: 40 }, { from: 50, to: 60 }];
    expect(common([one, other])).toEqual([{ from: 20, to: 30 }]);
    expect(common([one, []])).toEqual([]);
  });
});

describe("within", () => {
  it("keeps whole intervals only", () => {
    expect(within(rows([1, 2, 3, 4]), 10, 35).value).toEqual([2, 3]);
  });
});
