/** Full-height bands on a time axis: night, estimated, missing, not yet arrived. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";

import { NBSP } from "./numbers";
import { FONT, token } from "./palette";

const LETTER = 5; // px a letter takes at least; words may stand over a band's edge a little

export interface Band {
  from: number;
  to: number;
  fill: string | object;
}

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The plot area in pixels and an x for a moment, both of the drawing under way. */
function geometry(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const frame = params.coordSys as unknown as Frame;
  const x = (moment: number): number => api.coord([moment, 0])[0]!;
  return { frame, x };
}

export function bands(list: Band[], z: number): object {
  return {
    type: "custom",
    silent: true,
    clip: true,
    z,
    tooltip: { show: false },
    encode: { x: [0, 1], y: [] },
    data: list.map((band) => [band.from, band.to]),
    renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const { frame, x } = geometry(params, api);
      const band = list[params.dataIndex]!;
      const left = x(band.from);
      return {
        type: "rect",
        shape: { x: left, y: frame.y, width: x(band.to) - left, height: frame.height },
        style: { fill: band.fill },
      };
    },
  };
}

/** Words in the middle of a band, where they fit. Above the values, so a bar cannot hide them. */
export function bandWords(list: { from: number; to: number; text: string }[], z: number): object {
  return {
    type: "custom",
    silent: true,
    clip: true,
    z,
    tooltip: { show: false },
    encode: { x: [0, 1], y: [] },
    data: list.map((band) => [band.from, band.to]),
    renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const { frame, x } = geometry(params, api);
      const band = list[params.dataIndex]!;
      const left = Math.max(frame.x, x(band.from));
      const right = Math.min(frame.x + frame.width, x(band.to));
      const fits = (text: string): boolean =>
        right - left >= Math.max(...text.split("\n").map((line) => line.length)) * LETTER;
      const text = [band.text, band.text.replace(NBSP, "\n")].find(fits);
      if (text === undefined) return null;
      return {
        type: "text",
        style: {
          text,
          x: (left + right) / 2,
          y: frame.y + 8,
          align: "center",
          verticalAlign: "top",
          fill: token("ink-2"),
          font: `500 11px ${FONT}`,
          lineHeight: 14,
          padding: [3, 6],
          borderRadius: 4,
          backgroundColor: token("hatch-bg"),
        },
      };
    },
  };
}
