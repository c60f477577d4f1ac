/**
 * The wall clock of an IANA zone.
 *
 * A "wall" number is the epoch millisecond at which UTC would show the same date and time; it is
 * only for reading calendar fields and counting civil steps. Instants stay instants.
 */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const readers = new Map<string, Intl.DateTimeFormat>();

function reader(zone: string): Intl.DateTimeFormat {
  let found = readers.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    readers.set(zone, found);
  }
  return found;
}

/** The wall clock at an instant. */
export function wallOf(instant: number, zone: string): number {
  const at: Record<string, number> = {};
  for (const { type, value } of reader(zone).formatToParts(instant)) at[type] = Number(value);
  return Date.UTC(at.year!, at.month! - 1, at.day!, at.hour!, at.minute!, at.second!);
}

/** The first instant at which the clock shows this; in a skipped hour, the moment of the jump's end. */
export function instantOf(wall: number, zone: string): number {
  const before = wall - (wallOf(wall - DAY, zone) - (wall - DAY));
  if (wallOf(before, zone) === wall) return before;
  const after = wall - (wallOf(wall + DAY, zone) - (wall + DAY));
  return wallOf(after, zone) === wall ? after : before;
}

/** Start of the next day or month after the one a wall moment lies in. */
export function nextCivil(wall: number, step: "day" | "month"): number {
  const at = new Date(wall);
  return step === "day"
    ? Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1)
    : Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}

/** End of each interval that starts at `starts`. */
export function endsOf(starts: number[], step: number | "day" | "month", zone: string): number[] {
  if (typeof step === "number") return starts.map((start) => start + step * 1000);
  return starts.map((start) => instantOf(nextCivil(wallOf(start, zone), step), zone));
}

export interface Ticks {
  at: number[];
  unit: "hour" | "day" | "month" | "year";
}

/** Round moments for an axis of `room` ticks at most: whole hours, days, months or years. */
export function ticks(from: number, to: number, zone: string, room: number): Ticks {
  const length = to - from;
  const wall = wallOf(from, zone);
  for (const hours of [1, 2, 3, 6, 12]) {
    if (length / (hours * HOUR) <= room && length <= 3 * DAY) {
      return { at: stepped(from, to, zone, hours * HOUR), unit: "hour" };
    }
  }
  const midnight = Math.ceil(wall / DAY) * DAY;
  for (const days of [1, 2, 5, 7, 10, 14]) {
    if (length / (days * DAY) <= room && length < 100 * DAY) {
      const at: number[] = [];
      for (let w = midnight; ; w += days * DAY) {
        const instant = instantOf(w, zone);
        if (instant >= to) break;
        at.push(instant);
      }
      return { at, unit: "day" };
    }
  }
  for (const months of [1, 2, 3, 6, 12, 24, 60]) {
    if (length / (months * 30.5 * DAY) <= room || months === 60) {
      const at: number[] = [];
      const first = new Date(wall);
      const year = first.getUTCFullYear();
      let month = Math.ceil(first.getUTCMonth() / months) * months;
      for (; at.length < 400; month += months) {
        const instant = instantOf(Date.UTC(year, month, 1), zone);
        if (instant >= to) break;
        if (instant >= from) at.push(instant);
      }
      return { at, unit: months >= 12 ? "year" : "month" };
    }
  }
  return { at: [], unit: "day" };
}

function stepped(from: number, to: number, zone: string, step: number): number[] {
  const at: number[] = [];
  const first = Math.ceil(wallOf(from, zone) / step) * step;
  for (let w = first; ; w += step) {
    const instant = instantOf(w, zone);
    if (instant > to) break;
    // The hour clocks skip has no instant of its own.
    if (instant >= from && instant !== at[at.length - 1]) at.push(instant);
  }
  return at;
}

const two = (n: number): string => String(n).padStart(2, "0");

export const clock = (wall: number): string => {
  const at = new Date(wall);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
};
export const dayMonth = (wall: number): string => {
  const at = new Date(wall);
  return `${two(at.getUTCDate())}.${two(at.getUTCMonth() + 1)}`;
};
export const date = (wall: number): string => `${dayMonth(wall)}.${new Date(wall).getUTCFullYear()}`;
