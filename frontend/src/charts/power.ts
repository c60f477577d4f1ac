/** The P–Q plane: powers of the phases end to end, their sum, quadrants named in words. */
import type { Option, Place } from "./base";
import { axisDecimals, formatNumber, type Language } from "./numbers";
import { faded, FONT, token } from "./palette";
import type { PowerPayload } from "./payloads";
import { arrow, ground, phaseHue, phaseInk, words, type Frame } from "./vectors";

const ROOM = 18; // px around the plane
const SIDES: [number, number][] = [
  [1, -1],
  [-1, -1],
  [-1, 1],
  [1, 1],
];
const NUMERALS = ["I", "II", "III", "IV"];

export function power(payload: PowerPayload, place: Place): Option {
  return ground((frame) => draw(frame, payload, place.language)) as Option;
}

/** The farthest that any arrow goes from the middle, in kVA. */
export function reach(payload: PowerPayload): number {
  let [active, reactive] = [0, 0];
  let far = Math.max(Math.abs(payload.total.active), Math.abs(payload.total.reactive));
  for (const phase of payload.phases) {
    active += phase.active;
    reactive += phase.reactive;
    far = Math.max(far, Math.abs(active), Math.abs(reactive));
  }
  return far || 1;
}

/** A round step so that two or three circles fit: 1, 2, 5 times a power of ten. */
export function ring(most: number): number {
  const raw = most / 2.2;
  const size = 10 ** Math.floor(Math.log10(raw));
  return [5, 2, 1].map((n) => n * size).find((step) => step <= raw) ?? size;
}

function draw(frame: Frame, payload: PowerPayload, language: Language): object[] {
  const cx = frame.x + frame.width / 2;
  const cy = frame.y + frame.height / 2;
  const half = Math.min(frame.width, frame.height) / 2 - ROOM;
  if (half < 40) return [];
  const scale = half / (reach(payload) * 1.12);
  const [sx, sy] = SIDES[payload.quadrant - 1]!;
  const drawn: object[] = [
    {
      type: "rect",
      shape: { x: sx > 0 ? cx : cx - half, y: sy > 0 ? cy : cy - half, width: half, height: half },
      style: { fill: faded(token("a-plus"), 0.06) },
    },
    ...rings([cx, cy], half, scale, sx, language),
    ...arrow([cx - half, cy], [cx + half + 4, cy], token("line-strong"), 1, null, 7),
    ...arrow([cx, cy + half], [cx, cy - half - 4], token("line-strong"), 1, null, 7),
    ...axes(cx, cy, half, payload),
    ...quadrants(cx, cy, half, payload),
  ];
  return [...drawn, ...vectors(cx, cy, scale, payload)];
}

/** Circles with their size, told on the side of the axis that has no arrows. */
function rings(
  [cx, cy]: [number, number],
  half: number,
  scale: number,
  side: number,
  language: Language,
): object[] {
  const step = ring(half / scale);
  const drawn: object[] = [];
  for (let far = step; far * scale <= half * 1.01; far += step) {
    const style = { fill: "none", stroke: token("line"), lineWidth: 1 };
    drawn.push({ type: "circle", shape: { cx, cy, r: far * scale }, style });
    const text = formatNumber(far, axisDecimals(step), language);
    const more = { font: `400 11px ${FONT}`, align: side > 0 ? "left" : "right" };
    drawn.push(words(text, cx - side * (far * scale - 3), cy + 9, token("ink-3"), more));
  }
  return drawn;
}

function axes(cx: number, cy: number, half: number, payload: PowerPayload): object[] {
  const font = `500 11px ${FONT}`;
  const { active, reactive } = payload.words;
  // On the side of the axis where no arrows are.
  const below = payload.quadrant < 3 ? 24 : -12;
  return [
    words(active, cx + half + 4, cy + below, token("ink-3"), { align: "right", font }),
    words(reactive, cx + 8, cy - half - 1, token("ink-3"), { align: "left", font }),
  ];
}

function quadrants(cx: number, cy: number, half: number, payload: PowerPayload): object[] {
  return payload.words.quadrants.flatMap((lines, n) => {
    const [sx, sy] = SIDES[n]!;
    const left = sx > 0 ? cx + half : cx - half;
    const top = sy > 0 ? cy + half - 36 : cy - half + 14;
    const fill = n + 1 === payload.quadrant ? token("accent-ink") : token("ink-3");
    return [NUMERALS[n]!, ...lines].map((line, i) =>
      words(line, left, top + i * 14, fill, {
        align: sx > 0 ? "right" : "left",
        font: `${i ? 450 : 650} 11px ${FONT}`,
      }),
    );
  });
}

function vectors(cx: number, cy: number, scale: number, payload: PowerPayload): object[] {
  const drawn: object[] = [];
  let [x, y] = [cx, cy];
  for (const phase of payload.alone ? [] : payload.phases) {
    const tip: [number, number] = [x + phase.active * scale, y - phase.reactive * scale];
    drawn.push(...arrow([x, y], tip, phaseHue(phase.letter), 2.2, null, 8));
    const [ox, oy] = beside([x, y], tip, 12);
    drawn.push(words(phase.letter, ox, oy, phaseInk(phase.letter)));
    [x, y] = tip;
  }
  const end: [number, number] = [
    cx + payload.total.active * scale,
    cy - payload.total.reactive * scale,
  ];
  drawn.push(...arrow([cx, cy], end, token("ink"), 2, null, 10));
  const [ox, oy] = beside([cx, cy], end, -13);
  drawn.push(words("S", ox, oy, token("ink")));
  return drawn;
}

/** A place beside the middle of an arrow: below one that goes right, away for a negative far. */
function beside(
  [x0, y0]: [number, number],
  [x1, y1]: [number, number],
  far: number,
): [number, number] {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const middle: [number, number] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return [middle[0] - ((y1 - y0) / length) * far, middle[1] + ((x1 - x0) / length) * far];
}
