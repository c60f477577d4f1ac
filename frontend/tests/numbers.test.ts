import { describe, expect, it } from "vitest";

import { axisDecimals, formatNumber, NBSP, THIN } from "../src/charts/numbers";
import { formatDuration } from "../src/charts/words";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("formatNumber", () => {
  it("groups thousands and uses a comma in Russian", () => {
    expect(formatNumber(1234567.89, 1)).toBe(`1${THIN}234${THIN}567,9`);
  });

  it("uses commas and a point in English", () => {
    expect(formatNumber(1234.5, 1, "en")).toBe("1,234.5");
  });

  it("writes a true minus, and none before a rounded zero", () => {
    expect(formatNumber(-4, 0)).toBe("\u22124");
    expect(formatNumber(-0.04, 1)).toBe("0,0");
  });

  it("never makes a zero of a missing value", () => {
    expect(formatNumber(null, 3)).toBe("—");
    expect(formatNumber(undefined, 3)).toBe("—");
    expect(formatNumber(NaN, 3)).toBe("—");
  });
});

describe("axisDecimals", () => {
  it("gives as many places as the ticks need", () => {
    expect(axisDecimals(0.5)).toBe(1);
    expect(axisDecimals(0.25)).toBe(2);
    expect(axisDecimals(0.02)).toBe(2);
    expect(axisDecimals(250)).toBe(0);
  });
});

describe("formatDuration", () => {
  it("uses two units at most and days from 48 hours on", () => {
    expect(formatDuration(30 * MINUTE, "ru")).toBe(`30${NBSP}мин`);
    expect(formatDuration(10 * HOUR, "ru")).toBe(`10${NBSP}ч`);
    expect(formatDuration(51 * HOUR, "ru")).toBe(`2${NBSP}сут 3${NBSP}ч`);
    expect(formatDuration(90 * MINUTE, "en")).toBe(`1${NBSP}h 30${NBSP}min`);
  });
});
