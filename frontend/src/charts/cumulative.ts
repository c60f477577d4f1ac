/** The month's running total against the month before; see CumulativePayload. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";

import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber } from "./numbers";
import { FONT, token } from "./palette";
import type { CumulativePayload, CumulativePoint } from "./payloads";
import { node, tip } from "./tooltip";
import { wordsIn } from "./words";

export function cumulative(payload: CumulativePayload, place: Place): Option {
  const { current, previous, forecast } = payload;
  const colour = token("a-plus");
  const say = (value: number, decimals = 0): string => formatNumber(value, decimals, place.language);
  const month = payload.month.slice(5);
  const option = base({ right: place.narrow ? 12 : 104 });
  option.xAxis = {
    type: "value",
    min: 0,
    max: payload.days,
    interval: place.narrow ? 10 : 5,
    axisLine: axisLine(),
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      color: token("ink-3"),
      margin: 9,
      alignMaxLabel: "right",
      // 30 and 31 would stand on each other.
      formatter: (day: number) =>
        day === 0 || (day === payload.days && day % 5 === 1)
          ? ""
          : `${String(day).padStart(2, "0")}.${month}`,
    },
  };
  option.yAxis = valueAxis(payload.unit, place.language, place.narrow ? { splitNumber: 2 } : {});

  const ends = [previous?.points, forecast?.points].map((points) => points?.at(-1)?.[1] ?? 0);
  const lift = Math.abs(ends[0]! - ends[1]!) < Math.max(...ends) * 0.1 ? 9 : 0;
  const endLabel = (text: string, ink: string, shift: number, weight: number): object => ({
    show: !place.narrow,
    formatter: text,
    color: ink,
    fontWeight: weight,
    fontSize: 12,
    fontFamily: FONT,
    distance: 8,
    offset: [0, shift],
  });
  const line = (points: CumulativePoint[], ink: string, more: object): object => ({
    type: "line",
    data: points,
    symbol: "none",
    lineStyle: { color: ink, width: 1.6 },
    itemStyle: { color: ink },
    ...more,
  });

  option.series = [
    ...(previous
      ? [
          line(previous.points, token("compare"), {
            name: previous.label,
            z: 2,
            endLabel: endLabel(
              `${previous.label} ${say(previous.points.at(-1)?.[1] ?? 0)}`,
              token("ink-3"),
              forecast && ends[0]! <= ends[1]! ? lift : -lift,
              400,
            ),
          }),
        ]
      : []),
    ...(forecast
      ? [
          fan(forecast.points),
          line(
            forecast.points.map(([day, mid]) => [day, mid]),
            colour,
            {
              name: forecast.label,
              z: 3,
              lineStyle: { color: colour, width: 1.6, type: [4, 3] },
              endLabel: endLabel(
                `${forecast.label} ${say(forecast.points.at(-1)?.[1] ?? 0)}`,
                token("accent-ink"),
                ends[0]! <= ends[1]! ? -lift : lift,
                600,
              ),
            },
          ),
        ]
      : []),
    line(current.points, colour, {
      name: current.label,
      z: 4,
      lineStyle: { color: colour, width: 2.4 },
    }),
    lastPoint(current.points, colour, say),
  ];
  (option.tooltip as Record<string, unknown>).formatter = (hits: Hit[]) =>
    describe(hits, payload, place);
  return option;
}

/** The dot at "now", with its number. */
function lastPoint(
  points: CumulativePoint[],
  colour: string,
  say: (value: number, decimals?: number) => string,
): object {
  const last = points.at(-1);
  return {
    type: "line",
    data: last ? [last] : [],
    silent: true,
    tooltip: { show: false },
    symbol: "circle",
    symbolSize: 9,
    z: 5,
    itemStyle: { color: colour, borderColor: token("surface"), borderWidth: 2 },
    label: {
      show: true,
      position: last && last[0] < 4 ? "right" : "left",
      distance: 10,
      offset: [0, -8],
      formatter: say(last?.[1] ?? 0, 1),
      color: token("ink"),
      fontWeight: 600,
      fontSize: 12,
      fontFamily: FONT,
    },
  };
}

function fan(points: [number, number, number, number][]): object {
  return {
    type: "custom",
    silent: true,
    z: 1,
    tooltip: { show: false },
    encode: { x: 0, y: 1 },
    data: [[points.at(-1)?.[0] ?? 0, points.at(-1)?.[3] ?? 0]],
    renderItem(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const up = points.map(([day, , , high]) => api.coord([day, high]));
      const down = points.map(([day, , low]) => api.coord([day, low])).reverse();
      return {
        type: "polygon",
        shape: { points: [...up, ...down] as [number, number][] },
        style: { fill: token("forecast") },
      };
    },
  };
}

interface Hit {
  seriesName: string;
  value: CumulativePoint;
}

function describe(hits: Hit[], payload: CumulativePayload, place: Place): HTMLElement | string {
  const named = hits.filter((hit) => hit.value[1] != null).filter((hit) =>
    [payload.current.label, payload.previous?.label, payload.forecast?.label].includes(hit.seriesName),
  );
  const first = named[0];
  if (!first) return "";
  const lines = named.map((hit) => {
    const line = node("div", "tip-row");
    line.append(node("span", "", hit.seriesName));
    const value = node("span", "end");
    value.append(
      node("b", "", formatNumber(hit.value[1] ?? 0, payload.decimals, place.language)),
      ` ${payload.unit}`,
    );
    line.append(value);
    return line;
  });
  const day = Math.max(1, Math.ceil(first.value[0] - 1e-6));
  return tip(wordsIn(place.language).afterDays(day), ...lines);
}
