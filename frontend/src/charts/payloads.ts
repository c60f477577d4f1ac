/**
 * What the server sends to a chart. This file is the contract: views build these shapes and
 * charts draw them; neither side computes energy, completeness or words of state a second time.
 *
 * In a template:
 *
 *     {{ chart|json_script:"load" }}
 *     <figure class="fz-chart" data-chart="profile" data-source="load" aria-label="…"></figure>
 *
 * Moments are epoch milliseconds of the true instant (`int(moment.timestamp() * 1000)`);
 * `zone` says whose wall clock the axis and the tooltips show, so a day of 23, 24.5 or 25 hours
 * draws as long as it was. Values are numbers in `unit`; a value that is not known is null and
 * never zero. All text comes translated from the server.
 */

/** Epoch milliseconds of a true instant. */
export type Millis = number;

/** ISO 8601 with an offset: `2026-11-21T14:00:00+03:00`. */
export type Iso = string;

/** How a value is known. 2 and 3 go with a null value, the rest with a number. */
export enum Quality {
  Measured = 0,
  Estimated = 1,
  Missing = 2,
  /** The interval lies after the last data that arrived; nothing is wrong. */
  NotYet = 3,
  Manual = 4,
  Doubtful = 5,
  /** A sum without some of its points: has a number, and is hatched behind it. */
  Partial = 6,
}

/** A data colour of the token sheet (`--fz-<hue>`). `s1`…`s8` tell several points apart. */
export type Hue =
  | "a-plus"
  | "ph-a"
  | "ph-b"
  | "ph-c"
  | "ph-n"
  | "a-minus"
  | "r-plus"
  | "r-minus"
  | "t2"
  | "t3"
  | "water"
  | "gas"
  | "heat"
  | "s1"
  | "s2"
  | "s3"
  | "s4"
  | "s5"
  | "s6"
  | "s7"
  | "s8";

/** One channel of one point over the period. `start`, `value`, `quality`, `note` have one length. */
export interface ProfileSeries {
  id: string;
  /** As in the legend: `A+ приём`, or the point's name where points are compared. */
  label: string;
  hue: Hue;
  /** Start of each interval, ascending. May be left out where it equals the first series'. */
  start?: Millis[];
  value: (number | null)[];
  /** Left out: everything measured where there is a value, missing where there is none. */
  quality?: Quality[];
  /** A word more for the tooltip: «похожие дни», «повторный опрос в 16:00». */
  note?: (string | null)[];
  /** Where series differ in unit (kWh beside kvarh); else the payload's. */
  unit?: string;
}

/** A series as it is sent where it is long: see packed.ts. */
export interface PackedSeries extends Omit<ProfileSeries, "start" | "quality"> {
  start?: Millis[] | { from: Millis; step: Millis; count: number };
  quality?: Quality[] | { runs: [Quality, number][] };
}

/** The period it is compared with, already moved onto the shown axis. */
export interface CompareSeries {
  /** As in the legend and the tooltip: «прошлая суббота», «неделей раньше». */
  label: string;
  start: Millis[];
  value: (number | null)[];
}

/**
 * `data-chart="profile"`: values by interval, hour, day or month.
 *
 * One series draws as bars, or as a stepped area once an interval is narrower than 4 px;
 * several draw as stepped lines, each in its own hue and dash.
 */
export interface ProfilePayload {
  unit: string;
  decimals: number;
  /** IANA name; the axis and tooltips show its wall clock. */
  zone: string;
  /** Length of an interval: seconds (1800, 3600), or a civil step. */
  step: number | "day" | "month";
  /** The period shown, half-open [start, end). */
  start: Iso;
  end: Iso;
  /** Data arrived up to here; null where the period is closed. */
  until: Iso | null;
  series: ProfileSeries[];
  compare?: CompareSeries | null;
  /** Tinted stretches (night zone of the tariff), [from, to). */
  nights?: [Millis, Millis][];
}

/** One month of the board. */
export interface MonthBar {
  /** `2026-11`. */
  month: string;
  measured: number | null;
  estimated: number | null;
  /** `reference`: the same month a year before, drawn grey; `current`: still in progress. */
  role?: "reference" | "current";
  /** One more line of the tooltip: «до 21.11 14:00», «12 ч нет данных». */
  note?: string | null;
  /** Where a click leads. */
  href?: string;
}

/** `data-chart="months"`: thirteen months, measured and estimated stacked. */
export interface MonthsPayload {
  unit: string;
  decimals: number;
  months: MonthBar[];
  /** Total expected for the current month with its interval; absent until there is a forecast. */
  forecast?: { low: number; mid: number; high: number } | null;
}

/** A running total: [days since the month began (fractions allowed), total so far]. */
export type CumulativePoint = [number, number | null];

/** `data-chart="cumulative"`: this month's running total against the month before. */
export interface CumulativePayload {
  unit: string;
  decimals: number;
  /** The month shown, `2026-11`, and how many days it has. */
  month: string;
  days: number;
  /** Points begin at [0, 0]. `label` is a month's name in the nominative: «ноябрь». */
  current: { label: string; points: CumulativePoint[] };
  previous?: { label: string; points: CumulativePoint[] } | null;
  /** [day, expected, low, high], from the last measured point to the month's end. */
  forecast?: { label: string; points: [number, number, number, number][] } | null;
}

/** One stretch of a balance. Words come translated from the server. */
export interface BalanceBar {
  /** Under the bar, and in full for its tooltip. */
  label: string;
  title: string;
  /** Imbalance in the payload's unit; null where it is not told. */
  value: number | null;
  /** `unknown`: too little is known to judge; `coming`: not over yet. */
  state: "ok" | "over" | "unknown" | "coming";
  notes: string[];
  /** Where a click leads. */
  href: string | null;
  /** The stretch that the page is about. */
  chosen: boolean;
}

/** `data-chart="balance"`: imbalances by stretch, with the band of what is permitted. */
export interface BalancePayload {
  unit: string;
  decimals: number;
  /** ± this much is permitted in the page's period; null where it is not told. */
  permitted: number | null;
  words: { permitted: string; notJudged: string };
  bars: BalanceBar[];
}

/**
 * `data-chart="finding"`: intervals of the days around a finding of validation.
 *
 * Arrays have one length, by interval. `kinds`: 0 measured, 1 what a rule found, 2 estimated,
 * 3 edited by hand, 4 doubtful; `words.kinds` are their words. `low`, `high`: the band of like
 * days, empty where it is not drawn. `span`: first and last interval that a decision fills.
 */
export interface FindingPayload {
  unit: string;
  decimals: number;
  /** Under the axis, empty where no mark stands; and in full, for tooltips. */
  labels: string[];
  titles: string[];
  values: (number | null)[];
  kinds: number[];
  low: (number | null)[];
  high: (number | null)[];
  span: [number, number] | null;
  words: { kinds: string[]; missing: string; band: string };
}

/** One month by zones of the day: `values` stand in the order of the payload's zones. */
export interface ZoneBar {
  /** `2026-11`. */
  month: string;
  /** null: nothing is known of the month's zone. */
  values: (number | null)[];
  /** Not of the very boundaries of the month, or estimated: drawn lighter and dashed. */
  is_rough?: boolean;
  note?: string | null;
  href?: string | null;
}

/** `data-chart="zones"`: months with the zones of the day stacked. */
export interface ZonesPayload {
  unit: string;
  decimals: number;
  zones: { label: string; hue: Hue }[];
  months: ZoneBar[];
}

/** How many events a day or a month has, by the payload's levels; a click leads to it. */
export interface EventsBar {
  label: string;
  title: string;
  counts: number[];
  href: string | null;
}

/** `data-chart="events"`: stacked by importance, the least important at the bottom. */
export interface EventsPayload {
  /** `ink` is a token. */
  levels: { name: string; ink: "compare" | "r-plus" | "bad" }[];
  words: { none: string };
  bars: EventsBar[];
}

/** A phase of the network; colours `--fz-ph-a` and so on, as in ПУЭ. */
export type Letter = "A" | "B" | "C";

/**
 * `data-chart="phasor"`: voltages and currents of a moment from one origin.
 *
 * Angles are degrees behind U_A: 0 is up and they grow clockwise. A vector without its angle or
 * size is not drawn; `length` is of the longest of its kind, 0 to 1.
 */
export interface PhasorPayload {
  vectors: {
    letter: Letter;
    voltage: { length: number; angle: number } | null;
    current: { length: number; angle: number } | null;
  }[];
  /** Built from powers, not told by the meter: drawn with thinner lines. */
  built: boolean;
}

/** `data-chart="power"`: the vectors of the phases' power, end to end, and their sum S. */
export interface PowerPayload {
  /** kW and kvar; below zero flows to the grid, or is capacitive. */
  phases: { letter: Letter; active: number; reactive: number }[];
  total: { active: number; reactive: number };
  /** One phase: its vector is S. */
  alone: boolean;
  decimals: number;
  words: { active: string; reactive: string; quadrants: [string, string][] };
  /** The quadrant in which S lies, 1 to 4. */
  quadrant: number;
}

/** `data-chart="regime"`: a quantity of the network over a period, a line for each phase. */
export interface RegimePayload {
  unit: string;
  decimals: number;
  zone: string;
  /** Start of the first interval, their length in seconds; `end` of the period. */
  start: Millis;
  step: number;
  end: Millis;
  lines: { label: string; letter: Letter | "N" | ""; value: (number | null)[] }[];
  /** What is permitted, with what the edges and the middle are called. */
  band: { low: number; high: number; middle: number; words: [string, string, string] } | null;
  /** The moment of the page. */
  at: Millis | null;
  /** Whether the axis begins at zero. */
  zero: boolean;
}

/** Every kind of chart by the name in `data-chart`. */
export interface Payloads {
  phasor: PhasorPayload;
  power: PowerPayload;
  regime: RegimePayload;
  events: EventsPayload;
  zones: ZonesPayload;
  balance: BalancePayload;
  finding: FindingPayload;
  profile: ProfilePayload;
  months: MonthsPayload;
  cumulative: CumulativePayload;
}
