/** Drag over a chart to see that stretch alone. Touch is left to scrolling. */
import type { ECharts } from "./echarts";
import { node } from "./tooltip";

const MEANT = 8; // px; less is a click

export function dragZoom(
  figure: HTMLElement,
  face: ECharts,
  done: (from: number, to: number) => void,
): void {
  const veil = node("div", "fz-zoom");
  veil.hidden = true;
  figure.append(veil);
  let from: number | null = null;

  const xOf = (event: PointerEvent): number => event.clientX - figure.getBoundingClientRect().left;
  const momentAt = (x: number): number => face.convertFromPixel({ xAxisIndex: 0 }, x) as number;

  figure.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    const x = xOf(event);
    if ((event.target as HTMLElement).closest("button")) return;
    if (!face.containPixel({ gridIndex: 0 }, [x, face.getHeight() / 2])) return;
    from = x;
    figure.setPointerCapture(event.pointerId);
  });
  figure.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const x = xOf(event);
    veil.hidden = Math.abs(x - from) < MEANT;
    veil.style.left = `${Math.min(x, from)}px`;
    veil.style.width = `${Math.abs(x - from)}px`;
  });
  const finish = (event: PointerEvent): void => {
    if (from === null) return;
    const x = xOf(event);
    const began = from;
    from = null;
    veil.hidden = true;
    if (event.type === "pointerup" && Math.abs(x - began) >= MEANT) {
      done(momentAt(Math.min(x, began)), momentAt(Math.max(x, began)));
    }
  };
  figure.addEventListener("pointerup", finish);
  figure.addEventListener("pointercancel", finish);
}
