/** Numbers, units and moments as people read them. A moment's own offset is the point's clock. */
import { formatNumber, NBSP, pageLanguage } from "../charts/numbers";
import { monthName, t } from "./words";

const DECIMALS: Record<string, number> = {
  kWh: 1, kvarh: 1, kW: 2, kvar: 2, kVA: 2, V: 1, A: 2, Hz: 2, m3: 2, Gcal: 3, "": 3, "°": 1,
};

/** `1 234,5`; «нет данных» where there is no value, never 0. */
export function number(value: number | null | undefined, decimals = 1): string {
  return value == null ? t("no-data") : formatNumber(value, decimals, pageLanguage());
}

/** `1 234,5 кВт·ч`. */
export function amount(value: number | null | undefined, unit: string, decimals = DECIMALS[unit] ?? 1): string {
  if (value == null) return t("no-data");
  const named = unitName(unit);
  return number(value, decimals) + (named ? NBSP + named : "");
}

export function unitName(unit: string): string {
  return t(`unit-${unit}`, unit);
}

export const decimalsOf = (unit: string): number => DECIMALS[unit] ?? 1;

/** Roubles of a decimal text, without kopecks. */
export function roubles(text: string): string {
  return `${formatNumber(Number(text), 0, pageLanguage())}${NBSP}₽`;
}

/** A share as percent: rounded down, so that what is not whole does not read as whole. */
export function percent(share: number, decimals = 1): string {
  const scale = 10 ** decimals;
  const told = Math.floor(share * 100 * scale + 1e-9) / scale;
  return `${formatNumber(told, Number.isInteger(told) ? 0 : decimals, pageLanguage())}${NBSP}%`;
}

/** By how much one number differs from another, `+2 %`; "" where that says nothing. */
export function change(now: number | null, before: number | null): string {
  if (now == null || before == null || before <= 0) return "";
  const told = Math.round((now / before - 1) * 100);
  return `${told > 0 ? "+" : ""}${formatNumber(told, 0, pageLanguage())}${NBSP}%`;
}

export const clock = (at: string): string => at.slice(11, 16);

/** `21.11` or `21.11.2026`. */
export function day(at: string, withYear = false): string {
  return `${at.slice(8, 10)}.${at.slice(5, 7)}${withYear ? `.${at.slice(0, 4)}` : ""}`;
}

export const moment = (at: string): string => `${day(at, true)} ${clock(at)}`;

/** `ноябрь 2026`. */
export function month(of: string): string {
  return `${monthName(Number(of.slice(5, 7)))} ${of.slice(0, 4)}`;
}

/** When this phone was last answered: by its own clock, with the day where it is not today. */
export function since(at: number, now: Date = new Date()): string {
  const then = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === now.toDateString()) return time;
  return `${two(then.getDate())}.${two(then.getMonth() + 1)} ${time}`;
}

/** `1 ч 2 мин`. */
export function lasting(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts: [number, string][] = [[days, t("d")], [hours, t("h")], [rest, t("min")]];
  return parts
    .filter(([many]) => many > 0)
    .slice(0, 2)
    .map(([many, word]) => `${many}${NBSP}${word}`)
    .join(" ");
}

/** A register's value as on the meter's face. */
export const shown = (value: number, decimals: number): string => number(value, decimals);

/** What a person typed as a decimal with a point; null where it is no number. */
export function typed(text: string): string | null {
  const bare = text.replace(/[\s\u00a0\u202f_]/g, "").replace(",", ".");
  return /^\d{1,12}(\.\d{0,6})?$/.test(bare) ? bare.replace(/\.$/, "") : null;
}
