/** Colours come from the token sheet at the moment of drawing, so a change of theme is a redraw. */
import type { Hue } from "./payloads";

export const FONT = '"Inter Variable", system-ui, sans-serif';

export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--fz-${name}`).trim();

export const hue = (name: Hue): string => token(name);

/** A token's colour with an opacity. */
export function faded(colour: string, opacity: number): string {
  const parts = /^#(..)(..)(..)$/.exec(colour);
  if (!parts) return colour;
  const [r, g, b] = parts.slice(1).map((part) => parseInt(part, 16));
  return `rgba(${r},${g},${b},${opacity})`;
}

/** Light diagonal hatching: the only sign of "no value" in the product. */
export function hatch(): object {
  const scale = Math.max(1, Math.round(window.devicePixelRatio || 1));
  const size = 7 * scale;
  const image = document.createElement("canvas");
  image.width = image.height = size;
  const pen = image.getContext("2d");
  if (pen) {
    pen.fillStyle = token("hatch-bg");
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = token("hatch");
    pen.lineWidth = scale * 0.9;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    pen.stroke();
  }
  return { image, repeat: "repeat", scaleX: 1 / scale, scaleY: 1 / scale };
}

/** Dash by place in the legend: hue is never the only difference between lines. */
export const DASHES: (number[] | null)[] = [null, [7, 3], [2, 2.5], [8, 3, 2, 3]];
