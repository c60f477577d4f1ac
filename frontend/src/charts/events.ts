/** Events by day or month, stacked by importance; see EventsPayload. */
import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber } from "./numbers";
import { token } from "./palette";
import type { EventsBar, EventsPayload } from "./payloads";
import { node, small, tip } from "./tooltip";

const LABEL = 26; // px a label of a day needs

export function events(payload: EventsPayload, place: Place): Option {
  const list = payload.bars;
  const option = base({ top: 10 });
  const every = Math.ceil((list.length * LABEL) / Math.max(place.width - 40, LABEL));
  option.xAxis = {
    type: "category",
    data: list.map((bar) => bar.label),
    axisLine: axisLine(),
    axisTick: { show: false },
    axisLabel: {
      color: token("ink-3"),
      margin: 10,
      interval: (place_: number) => (every < 2 ? true : place_ === 0 || (place_ + 1) % stepOf(every) === 0),
    },
  };
  const most = Math.max(...list.map((bar) => bar.counts.reduce((sum, n) => sum + n, 0)), 1);
  option.yAxis = valueAxis("", place.language, {
    minInterval: 1,
    splitNumber: 3,
    max: most < 3 ? 3 : undefined,
  });
  option.series = payload.levels.map((level, i) => ({
    type: "bar",
    stack: "all",
    name: level.name,
    barWidth: "62%",
    barMaxWidth: 28,
    cursor: "pointer",
    itemStyle: { color: token(level.ink) },
    data: list.map((bar) => ({
      value: bar.counts[i] || null,
      itemStyle: { borderRadius: bar.counts.slice(i + 1).some((n) => n > 0) ? 0 : [2, 2, 0, 0] },
    })),
  }));
  Object.assign(option.tooltip as object, {
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,0.08)" } },
    formatter: (hits: { dataIndex: number }[]) => describe(list[hits[0]!.dataIndex]!, payload, place),
  });
  return option;
}

/** Labels stand at every fifth, tenth… day: people count so. */
function stepOf(every: number): number {
  return [5, 10, 15, 31].find((step) => step >= every) ?? every;
}

function describe(bar: EventsBar, payload: EventsPayload, place: Place): HTMLElement {
  const rows = payload.levels
    .map((level, i) => ({ level, count: bar.counts[i] ?? 0 }))
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ level, count }) => {
      const line = node("div", "tip-row");
      const mark = node("span", "tip-hue ev-k");
      mark.dataset.ink = level.ink;
      const number = node("span", "end");
      number.append(node("b", "", formatNumber(count, 0, place.language)));
      line.append(mark, node("span", "", level.name), number);
      return line;
    });
  return rows.length ? tip(bar.title, ...rows) : tip(bar.title, small(payload.words.none));
}
