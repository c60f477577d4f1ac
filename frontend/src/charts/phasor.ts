/** Vectors of currents and voltages: U solid, I dashed, 0° up, angles clockwise (lag). */
import type { Option, Place } from "./base";
import { faded, FONT, token } from "./palette";
import type { Letter, PhasorPayload } from "./payloads";
import { arrow, ground, named, phaseHue, phaseInk, words, type Frame } from "./vectors";

const ROOM = 32; // px around the circle for names and degrees
const SHORT = 0.1; // of the longest: a lost phase has no arrow to name
const WIDE = 8; // degrees between U and I from which the arc has a middle

export function phasor(payload: PhasorPayload, _place: Place): Option {
  return ground((frame) => draw(frame, payload)) as Option;
}

function draw(frame: Frame, payload: PhasorPayload): object[] {
  const centre: [number, number] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
  const radius = Math.min(frame.width, frame.height) / 2 - ROOM;
  if (radius < 20) return [];
  const at = (angle: number, far: number): [number, number] => {
    const turn = (angle * Math.PI) / 180;
    return [centre[0] + far * Math.sin(turn), centre[1] - far * Math.cos(turn)];
  };
  const drawn = scale(centre, radius, at, payload);
  for (const { letter, voltage, current } of payload.vectors) {
    const hue = phaseHue(letter);
    const longest = radius - 9;
    if (voltage && current) {
      const far = Math.min(radius * 0.3, longest * current.length * 0.62);
      drawn.push(...arc(centre, voltage.angle, current.angle, far, hue, at));
    }
    const thin = payload.built ? 0.7 : 1;
    if (voltage) {
      const tip = at(voltage.angle, longest * voltage.length);
      drawn.push(...arrow(centre, tip, hue, 2.4 * thin, null, 11));
    }
    if (current) {
      const tip = at(current.angle, longest * current.length);
      drawn.push(...arrow(centre, tip, hue, 2 * thin, [5, 3.5], 9));
    }
    drawn.push(...names(letter, voltage, current, longest, at));
  }
  drawn.push({
    type: "circle",
    shape: { cx: centre[0], cy: centre[1], r: 3 },
    style: { fill: token("ink") },
  });
  return drawn;
}

type Polar = (angle: number, far: number) => [number, number];
type Vector = { length: number; angle: number } | null;

/** Circles and degrees; a number gives way to a name that stands there. */
function scale(
  [cx, cy]: [number, number],
  radius: number,
  at: Polar,
  payload: PhasorPayload,
): object[] {
  const drawn: object[] = [1, 0.5].map((share) => ({
    type: "circle",
    shape: { cx, cy, r: radius * share },
    style: { fill: "none", stroke: token("line"), lineWidth: 1 },
  }));
  const taken = payload.vectors.flatMap(({ voltage }) =>
    voltage && voltage.length > SHORT ? [voltage.angle] : [],
  );
  for (let angle = 0; angle < 360; angle += 30) {
    const [x1, y1] = at(angle, radius);
    const [x2, y2] = at(angle, radius - (angle % 90 ? 5 : 9));
    const style = { stroke: token("line-strong"), lineWidth: 1 };
    drawn.push({ type: "line", shape: { x1, y1, x2, y2 }, style });
    if (taken.some((other) => apart(other, angle) < 14)) continue;
    const [x, y] = at(angle, radius + 16);
    drawn.push(words(`${angle}°`, x, y, token("ink-3"), { font: `400 11px ${FONT}` }));
  }
  return drawn;
}

const apart = (one: number, other: number): number =>
  Math.abs(((one - other + 540) % 360) - 180);

/** The angle between a voltage and its current, the shorter way. */
function arc(
  centre: [number, number],
  from: number,
  to: number,
  far: number,
  hue: string,
  at: Polar,
): object[] {
  const turn = ((to - from + 540) % 360) - 180;
  const points = Array.from({ length: 25 }, (_, i) => at(from + (turn * i) / 24, far));
  return [
    {
      type: "polygon",
      shape: { points: [centre, ...points] },
      style: { fill: faded(hue, 0.13) },
    },
    {
      type: "polyline",
      shape: { points },
      style: { stroke: hue, lineWidth: 1, fill: "none" },
    },
  ];
}

function names(
  letter: Letter,
  voltage: Vector,
  current: Vector,
  longest: number,
  at: Polar,
): object[] {
  const ink = phaseInk(letter);
  const drawn: object[] = [];
  if (voltage && voltage.length > SHORT) {
    const [x, y] = at(voltage.angle, longest + 24);
    drawn.push(named("U", letter, x, y, ink));
  }
  if (current) {
    // Beside its arrow, on the side away from the voltage.
    const turn = voltage ? ((current.angle - voltage.angle + 540) % 360) - 180 : 0;
    const near = Math.abs(turn) < WIDE ? 13 : 7;
    const side = turn < 0 ? -near : near;
    const [x, y] = at(current.angle + side, Math.max(longest * current.length + 13, 22));
    drawn.push(named("I", letter, x, y, ink));
  }
  return drawn;
}
