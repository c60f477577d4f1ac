/** Imbalances by hour, day or month over the band of what is permitted; see BalancePayload. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";

import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber, NBSP } from "./numbers";
import { faded, FONT, hatch, token } from "./palette";
import type { BalanceBar, BalancePayload } from "./payloads";
import { row, small, tip } from "./tooltip";

const LABELLED = 22; // px a column needs for its number
const ROOM = 1.35; // of the greatest value, so that numbers have their place

export function balance(payload: BalancePayload, place: Place): Option {
  const list = payload.bars;
  const limit = payload.permitted;
  const most = Math.max(
    ...list.map((bar) => Math.abs(bar.value ?? 0)),
    limit ?? 0,
    Number.MIN_VALUE,
  );
  const edge = nice(most * ROOM);
  const option = base({ top: 24 });
  option.xAxis = {
    type: "category",
    data: list.map((bar) => bar.label),
    axisLine: { ...axisLine(), onZero: false },
    axisTick: { show: false },
    axisLabel: { color: token("ink-3"), margin: 8, hideOverlap: true },
  };
  option.yAxis = valueAxis(payload.unit, place.language, { min: -edge, max: edge });
  option.series = [
    unknown(list),
    ...(limit === null ? [] : [band(limit), words(limit, payload, place)]),
    {
      type: "bar",
      barWidth: "62%",
      z: 3,
      data: list.map((bar) => ({
        value: bar.value,
        itemStyle: look(bar),
        label: {
          show: bar.value !== null && place.width / list.length >= LABELLED,
          position: (bar.value ?? 0) < 0 ? "bottom" : "top",
          distance: 3,
          fontSize: 10.5,
          color: token(bar.state === "over" ? "bad" : "ink-3"),
          formatter: formatNumber(bar.value, payload.decimals, place.language),
        },
      })),
    },
  ];
  Object.assign(option.tooltip as object, {
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,0.08)" } },
    formatter: (hits: { dataIndex: number }[]) => describe(list[hits[0]!.dataIndex]!, payload, place),
  });
  return option;
}

function look(bar: BalanceBar): object {
  const ink = token(bar.state === "over" ? "bad" : "compare");
  const isJudged = bar.state !== "unknown";
  return {
    color: isJudged ? ink : faded(ink, 0.35),
    borderColor: bar.chosen ? token("ink") : ink,
    borderWidth: bar.chosen ? 1.5 : isJudged ? 0 : 1,
    borderType: isJudged ? "solid" : [3, 2],
    borderRadius: 2,
  };
}

/** The band of what is permitted over the whole width, its edges dashed. */
function band(limit: number): object {
  const ink = token("good");
  return overAll(2, (frame, api) => {
    const high = api.coord([0, limit])[1]!;
    const low = api.coord([0, -limit])[1]!;
    const edge = (y: number) => ({
      type: "line" as const,
      shape: { x1: frame.x, y1: y, x2: frame.x + frame.width, y2: y },
      style: { stroke: ink, lineWidth: 1, lineDash: [4, 3] },
    });
    const shape = { x: frame.x, y: high, width: frame.width, height: low - high };
    const fill = { type: "rect" as const, shape, style: { fill: faded(ink, 0.09) } };
    return { type: "group", children: [fill, edge(high), edge(low)] };
  });
}

/** What the band is, at the foot of the picture, where no bar of a usual imbalance reaches. */
function words(limit: number, payload: BalancePayload, place: Place): object {
  const number = formatNumber(limit, payload.decimals, place.language);
  return overAll(6, (frame, api) => ({
    type: "text",
    style: {
      text: `${payload.words.permitted} ±${number}${NBSP}${payload.unit}`,
      x: frame.x + frame.width - 4,
      y: api.coord([0, -limit])[1]! + 3,
      align: "right",
      verticalAlign: "top",
      fill: token("good"),
      font: `11px ${FONT}`,
      padding: [1, 3],
      backgroundColor: token("surface"),
    },
  }));
}

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A thing drawn once, over the whole plot. */
function overAll(z: number, draw: (frame: Frame, api: CustomSeriesRenderItemAPI) => object): object {
  return {
    type: "custom",
    silent: true,
    z,
    tooltip: { show: false },
    data: [[0, 0]],
    renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) =>
      draw(params.coordSys as unknown as Frame, api),
  };
}

/** Stretches that are not over yet, and those without a value, are hatched. */
function unknown(list: BalanceBar[]): object {
  const places = list.flatMap((bar, i) => (bar.value === null ? [[i, 0]] : []));
  const pattern = hatch();
  return {
    type: "custom",
    silent: true,
    z: 1,
    tooltip: { show: false },
    data: places,
    renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const frame = params.coordSys as unknown as Frame;
      const width = (api.size!([1, 0]) as number[])[0]!;
      const x = api.coord([api.value(0), 0])[0]!;
      return {
        type: "rect",
        shape: { x: x - width / 2, y: frame.y, width, height: frame.height },
        style: { fill: pattern as never },
      };
    },
  };
}

function describe(bar: BalanceBar, payload: BalancePayload, place: Place): HTMLElement {
  const told = formatNumber(bar.value, payload.decimals, place.language);
  return tip(
    bar.title,
    bar.value === null ? null : row(told, payload.unit),
    bar.state === "unknown" ? small(payload.words.notJudged) : null,
    ...bar.notes.map(small),
  );
}

/** A round number at or above a value. */
function nice(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 8, 10].map((times) => times * unit).find((one) => one >= value)!;
}
