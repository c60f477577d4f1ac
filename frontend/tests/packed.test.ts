import { describe, expect, it } from "vitest";

import { unpacked, type PackedProfile } from "../src/charts/packed";

const common = {
  unit: "кВт·ч", decimals: 3, zone: "Europe/Moscow", step: 1800, start: "", end: "", until: null,
};
const series = { id: "c0", label: "A+", hue: "a-plus" as const, value: [1, 2, null, null] };

describe("unpacked", () => {
  it("tells every moment and every state", () => {
    const packed: PackedProfile = {
      ...common,
      series: [
        { ...series, start: { from: 100, step: 10, count: 4 }, quality: { runs: [[0, 2], [3, 2]] } },
      ],
    };

    expect(unpacked(packed).series).toEqual([
      { ...series, start: [100, 110, 120, 130], quality: [0, 0, 3, 3] },
    ]);
  });

  it("leaves what is not packed as it is", () => {
    const plain: PackedProfile = { ...common, series: [{ ...series, start: [1, 2, 4, 8] }, series] };

    expect(unpacked(plain)).toEqual(plain);
  });
});
