/** Tooltips are built of nodes with classes: the Content-Security-Policy allows no inline style. */
import type { Hue } from "./payloads";

export function node(tag: string, className = "", text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** A value with its unit, led by the series' colour and name where there are several. */
export function row(value: string, unit: string, hue?: Hue, label?: string): HTMLElement {
  const line = node("div", "tip-row");
  if (hue) {
    const mark = node("span", "tip-hue");
    mark.dataset.hue = hue;
    line.append(mark);
  }
  if (label) line.append(node("span", "", label));
  const number = node("span", label ? "end" : "");
  number.append(node("b", "", value), ` ${unit}`);
  line.append(number);
  return line;
}

export function tip(when: string, ...parts: (HTMLElement | null)[]): HTMLElement {
  const made = node("div", "fz-tip");
  made.append(node("div", "when", when), ...parts.filter((part) => part !== null));
  return made;
}

export const small = (text: string): HTMLElement => node("div", "tip-small", text);
