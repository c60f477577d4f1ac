/** Thirteen months: measured and estimated stacked; see MonthsPayload. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";

import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber } from "./numbers";
import { faded, hatch, token } from "./palette";
import type { MonthBar, MonthsPayload } from "./payloads";
import { row, small, tip } from "./tooltip";
import { wordsIn } from "./words";

const ROUND = [3, 3, 0, 0];

export function months(payload: MonthsPayload, place: Place): Option {
  const list = payload.months;
  const words = wordsIn(place.language);
  const colour = token("a-plus");
  const coming = payload.forecast;
  const current = list.findIndex((month) => month.role === "current");
  // Fixed margins: the row of shares under the chart (`.shares`) keeps step with the columns.
  const option = base({
    left: place.narrow ? 44 : 54,
    right: place.narrow ? 0 : 8,
    bottom: place.narrow ? 24 : 40,
    outerBoundsMode: "none",
  });
  option.xAxis = {
    type: "category",
    data: list.map((month) => month.month),
    axisLine: axisLine(),
    axisTick: { show: false },
    axisLabel: {
      color: token("ink-3"),
      margin: 10,
      interval: 0,
      lineHeight: 15,
      formatter: (value: string) => {
        const [year, number] = value.split("-");
        const name = words.months[Number(number) - 1] ?? "";
        if (place.narrow) return name.slice(0, 1);
        return name + (number === "01" ? `\n${year}` : "");
      },
    },
  };
  option.yAxis = valueAxis(payload.unit, place.language, place.narrow ? { splitNumber: 3 } : {});
  option.series = [
    unknown(
      list.flatMap((month, i) => (month.measured == null && month.estimated == null ? [i] : [])),
    ),
    {
      type: "bar",
      stack: "month",
      barWidth: "56%",
      z: 3,
      data: list.map((month, i) => ({
        value: month.measured,
        itemStyle: {
          color: month.role === "reference" ? token("compare") : colour,
          borderRadius: month.estimated || (coming && i === current) ? 0 : ROUND,
        },
      })),
    },
    {
      type: "bar",
      stack: "month",
      z: 3,
      data: list.map((month) => {
        const ink = month.role === "reference" ? token("compare") : colour;
        return {
          value: month.estimated || null,
          itemStyle: {
            color: faded(ink, 0.2),
            borderColor: ink,
            borderWidth: 1,
            borderType: [3, 2],
            borderRadius: [2, 2, 0, 0],
          },
        };
      }),
    },
    ...(coming && current >= 0 ? forecast(list, current, coming) : []),
  ];
  Object.assign(option.tooltip as object, {
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,0.08)" } },
    formatter: (hits: { dataIndex: number }[]) => describe(list[hits[0]!.dataIndex]!, payload, place),
  });
  return option;
}

function forecast(list: MonthBar[], at: number, coming: { low: number; mid: number; high: number }) {
  const so = (list[at]!.measured ?? 0) + (list[at]!.estimated ?? 0);
  return [
    {
      type: "bar",
      stack: "month",
      z: 2,
      data: list.map((_, i) => (i === at ? Math.max(0, coming.mid - so) : null)),
      itemStyle: { color: token("forecast"), borderRadius: ROUND },
    },
    {
      type: "custom",
      silent: true,
      z: 6,
      tooltip: { show: false },
      encode: { x: 0, y: [1, 2] },
      data: [[at, coming.low, coming.high]],
      renderItem(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
        const [x, low] = api.coord([at, coming.low]) as [number, number];
        const high = api.coord([at, coming.high])[1]!;
        const line = (x1: number, y1: number, x2: number, y2: number) => ({
          type: "line" as const,
          shape: { x1, y1, x2, y2 },
          style: { stroke: token("ink-2"), lineWidth: 1.2 },
        });
        return {
          type: "group",
          children: [line(x, low, x, high), line(x - 5, low, x + 5, low), line(x - 5, high, x + 5, high)],
        };
      },
    },
  ];
}

/** Months nothing is known about, by place, are hatched over their full height. */
export function unknown(places: number[]): object {
  const empty = places.map((place) => [place, 0]);
  const pattern = hatch();
  return {
    type: "custom",
    silent: true,
    z: 1,
    tooltip: { show: false },
    data: empty,
    renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const frame = params.coordSys as unknown as { y: number; height: number };
      const width = (api.size!([1, 0]) as number[])[0]! * 0.56;
      const x = api.coord([api.value(0), 0])[0]!;
      return {
        type: "rect",
        shape: { x: x - width / 2, y: frame.y, width, height: frame.height },
        style: { fill: pattern as never },
      };
    },
  };
}

function describe(month: MonthBar, payload: MonthsPayload, place: Place): HTMLElement {
  const words = wordsIn(place.language);
  const [year, number] = month.month.split("-");
  const when = `${words.months[Number(number) - 1]} ${year}`;
  if (month.measured == null && month.estimated == null) {
    return tip(when, small(words.noData), month.note ? small(month.note) : null);
  }
  const measured = month.measured ?? 0;
  const estimated = month.estimated ?? 0;
  const say = (value: number): string => formatNumber(value, payload.decimals, place.language);
  return tip(
    when,
    row(say(measured + estimated), payload.unit),
    estimated
      ? small(`${words.measured} ${say(measured)}, ${words.estimated} ${say(estimated)} ${payload.unit}`)
      : null,
    month.note ? small(month.note) : null,
  );
}
