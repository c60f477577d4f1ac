/** Months with the zones of the day stacked; see ZonesPayload. */
import { axisLine, base, valueAxis, type Option, type Place } from "./base";
import { formatNumber } from "./numbers";
import { unknown } from "./months";
import { faded, hue, token } from "./palette";
import type { ZoneBar, ZonesPayload } from "./payloads";
import { row, small, tip } from "./tooltip";
import { wordsIn } from "./words";

export function zones(payload: ZonesPayload, place: Place): Option {
  const list = payload.months;
  const words = wordsIn(place.language);
  const option = base({
    left: place.narrow ? 44 : 54,
    right: place.narrow ? 0 : 8,
    bottom: place.narrow ? 24 : 40,
    outerBoundsMode: "none",
  });
  option.xAxis = {
    type: "category",
    data: list.map((bar) => bar.month),
    axisLine: axisLine(),
    axisTick: { show: false },
    axisLabel: {
      color: token("ink-3"),
      margin: 10,
      interval: 0,
      lineHeight: 15,
      formatter: (value: string, at: number) => {
        const [year, number] = value.split("-");
        const name = words.months[Number(number) - 1] ?? "";
        if (place.narrow) return name.slice(0, 1);
        return name + (number === "01" || (!at && list.length > 13) ? `\n${year}` : "");
      },
    },
  };
  option.yAxis = valueAxis(payload.unit, place.language, place.narrow ? { splitNumber: 3 } : {});
  // The night stands below, as in the table's order turned over: what is cheap carries.
  const order = payload.zones.map((_, i) => i).reverse();
  option.series = [
    unknown(list.flatMap((bar, i) => (isKnown(bar) ? [] : [i]))),
    ...order.map((zone) => ({
      type: "bar",
      stack: "month",
      barWidth: "56%",
      z: 3,
      data: list.map((bar) => ({ value: bar.values[zone], itemStyle: style(bar, zone, payload) })),
    })),
  ];
  Object.assign(option.tooltip as object, {
    axisPointer: { type: "shadow", shadowStyle: { color: "rgba(120,130,150,0.08)" } },
    formatter: (hits: { dataIndex: number }[]) => describe(list[hits[0]!.dataIndex]!, payload, place),
  });
  return option;
}

const isKnown = (bar: ZoneBar): boolean => bar.values.some((value) => value != null);

function style(bar: ZoneBar, zone: number, payload: ZonesPayload): object {
  const ink = hue(payload.zones[zone]!.hue);
  const top = bar.values.findIndex((value) => value != null && value > 0);
  const borderRadius = zone === top ? [3, 3, 0, 0] : 0;
  if (!bar.is_rough) return { color: ink, borderRadius };
  return { color: faded(ink, 0.3), borderColor: ink, borderWidth: 1, borderType: [3, 2], borderRadius };
}

function describe(bar: ZoneBar, payload: ZonesPayload, place: Place): HTMLElement {
  const words = wordsIn(place.language);
  const [year, number] = bar.month.split("-");
  const when = `${words.months[Number(number) - 1]} ${year}`;
  const note = bar.note ? small(bar.note) : null;
  if (!isKnown(bar)) return tip(when, small(words.noData), note);
  const say = (value: number): string => formatNumber(value, payload.decimals, place.language);
  const several = payload.zones.length > 1;
  const rows = payload.zones.flatMap((zone, i) => {
    const value = bar.values[i];
    if (value == null) return [];
    return [several ? row(say(value), payload.unit, zone.hue, zone.label) : row(say(value), payload.unit)];
  });
  const sum = bar.values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const total = several && rows.length > 1 ? row(say(sum), payload.unit) : null;
  return tip(when, total, ...rows, note);
}
