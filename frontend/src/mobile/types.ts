/** Answers of /api/v1 as far as the client reads them; docs/reference/api.md says what they mean. */

export interface Listed<T> {
  items: T[];
  next: string | null;
}

export interface Counted {
  expected: number;
  present: number;
  estimated: number;
  completeness: number | null;
  estimated_share: number | null;
}

export interface Me {
  name: string | null;
  token: string | null;
  kind: string;
  scopes: string[];
  expires_at: string;
  unread: number | null;
}

export interface Point {
  code: string;
  name: string;
  address: string;
  zone: string;
  resource: string;
  phases: number;
  voltage_level: string;
}

export interface Meter {
  usage_point: string;
  role: string;
  number: string;
  model: string;
  verification_due: string | null;
  to: string | null;
}

export interface Complex {
  usage_point: string;
  role: string;
  meter: string;
  ct_ratio: string;
  vt_ratio: string;
  to: string | null;
}

export interface Run {
  start: string;
  minutes: number;
  values: (number | null)[];
  quality: (number | null)[];
}

export interface Profile {
  from: string;
  to: string;
  channels: (Counted & { channel: string; unit: string; total: number | null; runs: Run[] })[];
}

export interface Consumption {
  from: string;
  to: string;
  starts: string[];
  channels: (Counted & {
    channel: string;
    unit: string;
    values: (number | null)[];
    expected_each: number[];
    present_each: number[];
    estimated_each: number[];
  })[];
}

export interface Comparison {
  stretches: { name: string; from: string; to: string }[];
  channels: { channel: string; unit: string; sums: (Counted & { total: number | null })[] }[];
}

export interface Register {
  meter: string;
  channel: string;
  tariff: number;
  unit: string;
  at: string[];
  kind: string[];
  values: number[];
  quality: number[];
}

export interface Verdict {
  topic: "voltage" | "connection" | "evenness" | "character";
  code: string;
  state: "good" | "warn" | "bad" | "info" | "unknown";
  phases: string[];
  numbers: Record<string, number>;
}

export interface Network {
  at: string | null;
  minutes: number | null;
  is_doubtful: boolean;
  values: Record<string, number>;
  units: Record<string, string>;
  verdicts: Verdict[];
}

export interface Happened {
  usage_point: string;
  at: string;
  category: string;
  importance: "info" | "notice" | "warning" | "alarm";
  text: string;
  lasted_s: number | null;
}

export interface Notice {
  id: number;
  title: string;
  lines: string[];
  told_at: string;
  is_read: boolean;
}

export interface Forecast {
  forecast:
    | (Counted & {
        month: string;
        until: string;
        unit: string;
        total: number;
        known: number;
        low: number;
        high: number;
        money: { total: string; low: string; high: string } | null;
      })
    | null;
}

export interface Dial {
  channel: string;
  tariff: number;
  unit: string;
  digits: number;
  decimals: number;
  last: number | null;
  last_at: string | null;
  usual: { low: number; high: number } | null;
}

export interface Wanted {
  usage_point: string;
  name: string;
  address: string;
  meter: string | null;
  is_open: boolean;
  why: string;
  opens_at: string | null;
  closes_at: string | null;
  is_wanted: boolean;
  is_read_from_afar: boolean;
  wants_photo: boolean;
  waiting: number | null;
  registers: Dial[];
}

export interface Sent {
  id: number;
  usage_point: string;
  meter: string;
  read_at: string;
  state: string;
  reason: string;
  words: { kind: "question" | "answer"; text: string; at: string }[];
  registers: { channel: string; tariff: number; unit: string; value: number; typed: number }[];
}

export interface Problem {
  status: number;
  code: string;
  title: string;
  detail?: string;
  errors?: { field: string; reason: string }[];
  confirm?: string;
  doubts?: { channel: string; tariff: number; doubts: string[] }[];
  opens_at?: string | null;
}
