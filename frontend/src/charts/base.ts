/** What all charts have in common: fonts, axes, the ground of a tooltip. */
import type { EChartsCoreOption } from "echarts/core";

import { axisDecimals, formatNumber, type Language } from "./numbers";
import { FONT, token } from "./palette";

/** Where a chart is drawn. */
export interface Place {
  width: number;
  height: number;
  language: Language;
  /** Phones: fewer labels, no words at line ends. */
  narrow: boolean;
}

export type Option = EChartsCoreOption & Record<string, unknown>;

export function base(grid: object = {}): Option {
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: FONT, fontSize: 12, color: token("ink-2") },
    grid: {
      left: 4,
      right: 10,
      top: 28,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
      ...grid,
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0.1,
      backgroundColor: token("surface"),
      borderWidth: 0,
      padding: [10, 12],
      extraCssText: `box-shadow:${token("shadow-pop")};border-radius:8px`,
      axisPointer: {
        type: "line",
        lineStyle: { color: token("ink-4"), type: "solid", width: 1 },
      },
    },
  };
}

export function valueAxis(unit: string, language: Language, more: object = {}): object {
  // The unit stands where the axis' labels end, so it reads as their heading.
  return {
    type: "value",
    name: unit,
    nameLocation: "end",
    nameGap: 12,
    nameTextStyle: { color: token("ink-3"), fontSize: 12, align: "left", padding: [0, 0, 0, -2] },
    min: 0,
    splitNumber: 4,
    axisLabel: {
      color: token("ink-3"),
      margin: 10,
      formatter: (value: number) =>
        formatNumber(value, Number.isInteger(value) ? 0 : axisDecimals(smallest(value)), language),
    },
    splitLine: { lineStyle: { color: token("line-soft") } },
    axisLine: { show: false },
    axisTick: { show: false },
    ...more,
  };
}

/** The last decimal place a tick uses: ECharts gives 0.30000000000000004 for 0.3. */
function smallest(value: number): number {
  const text = String(Number(value.toPrecision(10)));
  const digits = text.includes("e-") ? 6 : (text.split(".")[1]?.length ?? 0);
  return 10 ** -digits;
}

export const axisLine = (): object => ({ lineStyle: { color: token("line-strong") } });
