/** Arrows and words of vector diagrams. */
import { FONT, token } from "./palette";
import type { Letter } from "./payloads";

/** The frame of a diagram that has no axes: one custom series over the whole ground. */
export function ground(render: (frame: Frame) => object[]): object {
  return {
    animation: false,
    tooltip: { show: false },
    grid: { left: 0, right: 0, top: 0, bottom: 0 },
    xAxis: { show: false, min: -1, max: 1 },
    yAxis: { show: false, min: -1, max: 1 },
    series: [
      {
        type: "custom",
        silent: true,
        data: [[0, 0]],
        renderItem: (params: { coordSys: unknown }) => ({
          type: "group",
          children: render(params.coordSys as Frame),
        }),
      },
    ],
  };
}

export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const phaseHue = (letter: Letter | "N"): string => token(`ph-${letter.toLowerCase()}`);
export const phaseInk = (letter: Letter | "N"): string => token(`ph-${letter.toLowerCase()}-ink`);

/** A line from one point to another with a head; nothing where there is no length. */
export function arrow(
  [x0, y0]: [number, number],
  [x1, y1]: [number, number],
  stroke: string,
  width: number,
  dash: number[] | null,
  head: number,
): object[] {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return [];
  const size = Math.min(head, length * 0.7);
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const back = (turn: number, by: number): [number, number] => [
    x1 - by * Math.cos(angle + turn),
    y1 - by * Math.sin(angle + turn),
  ];
  const [bx, by] = back(0, size * 0.75);
  return [
    {
      type: "line",
      shape: { x1: x0, y1: y0, x2: bx, y2: by },
      style: { stroke, lineWidth: width, lineDash: dash },
    },
    {
      type: "polygon",
      shape: { points: [[x1, y1], back(0.38, size), back(-0.38, size)] },
      style: { fill: stroke },
    },
  ];
}

export function words(
  text: string,
  x: number,
  y: number,
  fill: string,
  more: object = {},
): object {
  const style = {
    text,
    x,
    y,
    fill,
    font: `600 12px ${FONT}`,
    align: "center",
    verticalAlign: "middle",
    ...more,
  };
  return { type: "text", style };
}

/** «U» with a small «A». */
export function named(
  letter: string,
  index: string,
  x: number,
  y: number,
  fill: string,
): object {
  const of = (size: number, more: object = {}): object => ({
    fontSize: size,
    fontWeight: 650,
    fill,
    fontFamily: FONT,
    ...more,
  });
  return words(`{m|${letter}}{s|${index}}`, x, y, fill, {
    rich: { m: of(13), s: of(9.5, { verticalAlign: "bottom" }) },
  });
}
