/** Intervals around a finding of validation, before or after a decision; see FindingPayload. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";

import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber, NBSP } from "./numbers";
import { faded, hatch, token } from "./palette";
import type { FindingPayload } from "./payloads";
import { row, small, tip } from "./tooltip";

const OUTLINED = 3; // px a bar needs for a dashed edge

export function finding(payload: FindingPayload, place: Place): Option {
  const wide = place.width / Math.max(payload.values.length, 1);
  const option = base({ top: 22 });
  option.xAxis = {
    type: "category",
    data: payload.labels,
    axisLine: axisLine(),
    axisTick: { show: false },
    axisLabel: {
      color: token("ink-3"),
      fontSize: 11,
      margin: 6,
      interval: (_index: number, label: string) => label !== "",
    },
  };
  option.yAxis = valueAxis(payload.unit, place.language, { splitNumber: 3 });
  option.series = [
    ...(payload.span ? [stretch(payload.span)] : []),
    missing(payload.values),
    {
      type: "bar",
      barCategoryGap: wide > 4 ? "22%" : "0%",
      z: 3,
      data: payload.values.map((value, i) => ({
        value,
        itemStyle: look(payload.kinds[i] ?? 0, wide),
      })),
    },
    ...band(payload),
  ];
  Object.assign(option.tooltip as object, {
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,0.08)" } },
    formatter: (hits: { dataIndex: number }[]) => describe(hits[0]!.dataIndex, payload, place),
  });
  return option;
}

function look(kind: number, wide: number): object {
  const measured = token("a-plus");
  switch (kind) {
    case 1:
      return { color: token("bad") };
    case 2:
    case 3:
      return {
        color: faded(measured, wide > OUTLINED ? 0.28 : 0.6),
        borderColor: measured,
        borderWidth: wide > OUTLINED ? 1.2 : 0,
        borderType: kind === 2 ? [3, 2] : "solid",
      };
    case 4:
      return { color: token("warn") };
    default:
      return { color: measured };
  }
}

/** Like days: a soft band between dashed edges, over the bars. */
function band(payload: FindingPayload): object[] {
  if (payload.low.length === 0) return [];
  const ink = token("ink-2");
  const line = { type: "line", symbol: "none", silent: true, tooltip: { show: false } };
  const edge = { width: 1, type: [2, 2], opacity: 0.8, color: ink };
  const gap = payload.high.map((high, i) => {
    const low = payload.low[i];
    return high === null || low === null || low === undefined ? null : high - low;
  });
  return [
    { ...line, data: payload.low, stack: "band", z: 5, lineStyle: edge },
    {
      ...line,
      data: gap,
      stack: "band",
      z: 5,
      lineStyle: edge,
      areaStyle: { color: faded(token("ink-2"), 0.1) },
    },
  ];
}

/** What a decision fills, tinted from top to bottom. */
function stretch([first, last]: [number, number]): object {
  return overCells([[first, last]], 0, token("accent-soft"));
}

/** Intervals without a value are hatched. */
function missing(values: (number | null)[]): object {
  const runs: [number, number][] = [];
  values.forEach((value, i) => {
    if (value !== null) return;
    const open = runs[runs.length - 1];
    if (open && open[1] === i - 1) open[1] = i;
    else runs.push([i, i]);
  });
  return overCells(runs, 1, hatch() as never);
}

function overCells(runs: [number, number][], z: number, fill: string): object {
  return {
    type: "custom",
    silent: true,
    z,
    tooltip: { show: false },
    encode: { x: [0, 1] },
    data: runs,
    renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const frame = params.coordSys as unknown as { y: number; height: number };
      const width = (api.size!([1, 0]) as number[])[0]!;
      const left = api.coord([api.value(0), 0])[0]! - width / 2;
      const right = api.coord([api.value(1), 0])[0]! + width / 2;
      const shape = { x: left, y: frame.y, width: right - left, height: frame.height };
      return { type: "rect", shape, style: { fill } };
    },
  };
}

function describe(i: number, payload: FindingPayload, place: Place): HTMLElement {
  const value = payload.values[i] ?? null;
  const low = payload.low[i] ?? null;
  const high = payload.high[i] ?? null;
  const told = (number: number): string => formatNumber(number, payload.decimals, place.language);
  return tip(
    payload.titles[i] ?? "",
    value === null ? small(payload.words.missing) : row(told(value), payload.unit),
    value === null ? null : small(payload.words.kinds[payload.kinds[i] ?? 0] ?? ""),
    low === null || high === null
      ? null
      : small(`${payload.words.band}: ${told(low)}–${told(high)}${NBSP}${payload.unit}`),
  );
}
