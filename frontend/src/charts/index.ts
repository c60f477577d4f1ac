/** Finds charts on the page and keeps them drawn through changes of size, theme and content. */
import { balance } from "./balance";
import type { Place } from "./base";
import { cumulative } from "./cumulative";
import { init, type ECharts, type EChartsCoreOption } from "./echarts";
import { events } from "./events";
import { finding } from "./finding";
import { months } from "./months";
import { pageLanguage } from "./numbers";
import { unpacked, type PackedProfile } from "./packed";
import { phasor } from "./phasor";
import { power } from "./power";
import type { BalancePayload, MonthsPayload, Payloads, ProfilePayload } from "./payloads";
import { profile, snapped, wholeOf, type Window } from "./profile";
import { regime, regimeSnapped, regimeWhole } from "./regime";
import { follow } from "./stretch";
import { node } from "./tooltip";
import { wordsIn } from "./words";
import { dragZoom } from "./zoom";
import { zones } from "./zones";

const NARROW = 480;
const PAPER = 655; // px: an A4 page inside its margins and a card's padding

interface Chart {
  figure: HTMLElement;
  face: ECharts;
  draw: () => void;
}

const charts = new Set<Chart>();

/** Draw every `.fz-chart` under a node that is not drawn yet; forget those that left the page. */
export function mount(root: ParentNode = document): void {
  for (const chart of charts) {
    if (!chart.figure.isConnected) {
      chart.face.dispose();
      charts.delete(chart);
    }
  }
  for (const figure of root.querySelectorAll<HTMLElement>(".fz-chart[data-chart]")) {
    if (figure.dataset.drawn) continue;
    figure.dataset.drawn = "yes";
    try {
      start(figure);
    } catch (problem) {
      console.error("chart", figure.dataset.source, problem);
      figure.replaceChildren(node("p", "words", wordsIn(pageLanguage()).failed));
    }
  }
}

function payloadOf(figure: HTMLElement): unknown {
  const source = document.getElementById(figure.dataset.source ?? "");
  if (!source?.textContent) throw new Error(`no data block "${figure.dataset.source}"`);
  return JSON.parse(source.textContent);
}

function start(figure: HTMLElement): void {
  const kind = figure.dataset.chart as keyof Payloads;
  const sent = payloadOf(figure);
  const payload = kind === "profile" ? unpacked(sent as PackedProfile) : sent;
  // To a screen reader it is a figure with a name; its numbers are in the table.
  const ground = node("div", "fz-chart-face");
  ground.setAttribute("aria-hidden", "true");
  figure.replaceChildren(ground);
  const face = init(ground);
  const option = zoomed(kind, figure, face, payload);
  const draw = (): void => {
    const place = placeOf(face);
    const made =
      option?.(place) ??
      (kind === "months"
        ? months(payload as MonthsPayload, place)
        : kind === "balance"
          ? balance(payload as BalancePayload, place)
          : kind === "finding"
            ? finding(payload as Payloads["finding"], place)
            : kind === "events"
              ? events(payload as Payloads["events"], place)
            : kind === "zones"
              ? zones(payload as Payloads["zones"], place)
            : kind === "phasor"
              ? phasor(payload as Payloads["phasor"], place)
            : kind === "power"
              ? power(payload as Payloads["power"], place)
          : cumulative(payload as Payloads["cumulative"], place));
    face.setOption(made as EChartsCoreOption, { notMerge: true });
  };
  if (kind === "months") followLinks(face, (payload as MonthsPayload).months);
  if (kind === "zones") followLinks(face, (payload as Payloads["zones"]).months);
  if (kind === "balance") followLinks(face, (payload as BalancePayload).bars);
  if (kind === "events") followLinks(face, (payload as Payloads["events"]).bars);
  // For who measures: the first is when the chart was to be seen.
  face.on("finished", () => void performance.mark(`faza:chart:${figure.dataset.source}`));
  const chart = { figure, face, draw };
  charts.add(chart);
  draw();
  // It tells of the size at the start too, for which the chart has just been drawn.
  new ResizeObserver(() => {
    if (ground.clientWidth !== face.getWidth() || ground.clientHeight !== face.getHeight()) {
      redraw(chart);
    }
  }).observe(figure);
}

function placeOf(face: ECharts): Place {
  const width = face.getWidth();
  return { width, height: face.getHeight(), language: pageLanguage(), narrow: width < NARROW };
}

function redraw(chart: Chart, width?: number): void {
  if (!chart.figure.isConnected) return;
  chart.face.resize(width === undefined ? undefined : { width });
  chart.draw();
}

/** What a chart needs whose parts can be looked at closer. */
interface Zoomable {
  zone: string;
  whole: Window;
  draw: (place: Place, shown: Window) => unknown;
  snap: (from: number, to: number) => Window | null;
}

function zoomed(kind: keyof Payloads, figure: HTMLElement, face: ECharts, payload: unknown) {
  if (kind === "profile") {
    const of = payload as ProfilePayload;
    return zoomable(figure, face, {
      zone: of.zone,
      whole: wholeOf(of),
      draw: (place, shown) => profile(of, place, shown),
      snap: (from, to) => snapped(of, from, to),
    });
  }
  if (kind === "regime") {
    const of = payload as Payloads["regime"];
    return zoomable(figure, face, {
      zone: of.zone,
      whole: regimeWhole(of),
      draw: (place, shown) => regime(of, place, shown),
      snap: (from, to) => regimeSnapped(of, from, to),
    });
  }
  return null;
}

function zoomable(figure: HTMLElement, face: ECharts, of: Zoomable) {
  const { whole } = of;
  let shown: Window = whole;
  const reset = node("button", "btn reset", wordsIn(pageLanguage()).reset) as HTMLButtonElement;
  reset.type = "button";
  reset.hidden = true;
  figure.append(reset);
  const show = (next: Window): void => {
    shown = next;
    reset.hidden = shown.from === whole.from && shown.to === whole.to;
    const made = of.draw(placeOf(face), shown);
    face.setOption(made as EChartsCoreOption, { notMerge: true });
    follow(of.zone, shown.from, shown.to);
  };
  reset.addEventListener("click", () => show(whole));
  dragZoom(figure, face, (from, to) => {
    const next = of.snap(from, to);
    if (next) show(next);
  });
  return (place: Place) => of.draw(place, shown) as object;
}

function followLinks(face: ECharts, list: { href?: string | null }[]): void {
  face.on("click", (event) => {
    const href = list[event.dataIndex as number]?.href;
    if (href) window.location.assign(href);
  });
}

const drawAll = (): void => charts.forEach((chart) => redraw(chart));

new MutationObserver(drawAll).observe(document.documentElement, {
  attributeFilter: ["data-bs-theme"],
});

// Paper is light and narrow: charts are drawn for it and drawn back afterwards.
let screenTheme: string | undefined;
window.addEventListener("beforeprint", () => {
  screenTheme = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
  charts.forEach((chart) => redraw(chart, Math.min(chart.face.getWidth(), PAPER)));
});
window.addEventListener("afterprint", () => {
  if (screenTheme) document.documentElement.dataset.bsTheme = screenTheme;
  drawAll();
});
