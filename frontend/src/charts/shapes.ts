/** Interval values as shapes: bars while they are wide enough to see, a stepped area below that. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";

import { outline, type Plane } from "./outline";
import { faded, token } from "./palette";
import { Quality } from "./payloads";
import { hasValue, runs, type Rows, type Run } from "./runs";

const BAR_FROM = 4; // px an interval must have to be a bar

type Shape = Record<string, unknown>;

export interface Ink {
  colour: string;
  dash: number[] | null;
  /** Lines only: several series would hide each other as bars. */
  line: boolean;
  /** Share of an interval that is air beside its bar; days and months stand further apart. */
  air: number;
}

/** Runs with a value; `y` encodes their maximum so that the axis knows its extent. */
export function intervals(rows: Rows, ink: Ink): object {
  const list = runs(rows).filter(hasValue);
  const peak = (run: Run): number =>
    Math.max(...rows.value.slice(run.first, run.last + 1).map((value) => value ?? 0));
  return {
    type: "custom",
    clip: true,
    silent: true,
    z: 3,
    tooltip: { show: false },
    encode: { x: [0, 1], y: 2 },
    data: list.map((run) => [rows.start[run.first]!, rows.end[run.last]!, peak(run)]),
    renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
      const run = list[params.dataIndex]!;
      const at = (moment: number, value: number) => api.coord([moment, value]) as [number, number];
      const width = at(rows.end[run.first]!, 0)[0] - at(rows.start[run.first]!, 0)[0];
      const children =
        !ink.line && width > BAR_FROM ? bars(rows, run, ink, at) : area(rows, run, ink, at);
      return { type: "group", children: children as never[] };
    },
  };
}

type At = (moment: number, value: number) => [number, number];

function bars(rows: Rows, run: Run, ink: Ink, at: At): Shape[] {
  const estimated = run.quality === Quality.Estimated;
  const style = estimated
    ? { fill: faded(ink.colour, 0.2), stroke: ink.colour, lineWidth: 1, lineDash: [3, 2] }
    : { fill: run.quality === Quality.Partial ? faded(ink.colour, 0.5) : ink.colour };
  const shapes: Shape[] = [];
  for (let i = run.first; i <= run.last; i++) {
    const [left, top] = at(rows.start[i]!, rows.value[i]!);
    const [right, ground] = at(rows.end[i]!, 0);
    const full = right - left;
    const gap = Math.max(full > 14 ? 2 : 1, full * ink.air);
    const inset = estimated ? 0.5 : 0;
    const width = full - gap - inset * 2;
    const round = width > 12 ? 3 : 0;
    shapes.push({
      type: "rect",
      shape: {
        x: left + gap / 2 + inset,
        y: Math.min(top, ground - 1),
        width,
        height: Math.max(1, ground - top),
        r: [round, round, 0, 0],
      },
      style,
    });
    if (width > 7) shapes.push(...marks(run.quality, (left + right) / 2, top));
  }
  return shapes;
}

/** The plane from two of its points: to ask ECharts for every corner takes longer than to draw. */
function planeOf(rows: Rows, run: Run, at: At): Plane {
  const from = rows.start[run.first]!;
  const [left, ground] = at(from, 0);
  const [right, one] = at(rows.end[run.last]!, 1);
  const pace = (right - left) / (rows.end[run.last]! - from);
  return {
    x: (moment) => left + (moment - from) * pace,
    y: (value) => ground + value * (one - ground),
    column: 1 / window.devicePixelRatio,
  };
}

function area(rows: Rows, run: Run, ink: Ink, at: At): Shape[] {
  const estimated = run.quality === Quality.Estimated;
  const points = outline(rows, run.first, run.last, planeOf(rows, run, at));
  const ground = at(rows.start[run.first]!, 0)[1];
  const shapes: Shape[] = [];
  if (!ink.line) {
    shapes.push({
      type: "polygon",
      shape: { points: [[points[0]![0], ground], ...points, [points[points.length - 1]![0], ground]] },
      style: { fill: faded(ink.colour, estimated ? 0.1 : 0.22) },
    });
  }
  shapes.push({
    type: "polyline",
    shape: { points },
    style: {
      fill: "none",
      stroke: ink.colour,
      opacity: (ink.line && estimated) || run.quality === Quality.Partial ? 0.6 : 1,
      lineWidth: ink.line ? (estimated ? 1.2 : 1.7) : estimated ? 1.1 : 1.4,
      lineDash: estimated ? [3, 2.5] : ink.dash,
    },
  });
  return shapes;
}

/** Entered by hand: a small hand; doubtful: a small triangle. Both stand above the bar. */
function marks(quality: Quality, x: number, top: number): Shape[] {
  if (quality === Quality.Manual) {
    return [
      {
        type: "path",
        shape: { pathData: HAND, x: x - 4.5, y: top - 13, width: 9, height: 10 },
        style: { fill: token("ink-2") },
      },
    ];
  }
  if (quality === Quality.Doubtful) {
    return [
      {
        type: "polygon",
        shape: { points: [[x, top - 12], [x + 5, top - 3], [x - 5, top - 3]] },
        style: { fill: token("warn") },
      },
    ];
  }
  return [];
}

const HAND =
  "M3 7V2.2a1 1 0 0 1 2 0V1a1 1 0 0 1 2 0v1a1 1 0 0 1 2 0v1.2a1 1 0 0 1 2 0V9a4 4 0 0 1-4 4" +
  "H6a3.4 3.4 0 0 1-2.7-1.4L.4 8a1 1 0 0 1 1.5-1.3z";
