/** Numbers and words of charts, by the page's language. Mirrors faza/ui/formats.py. */

export type Language = "ru" | "en";

export const THIN = "\u202f";
export const NBSP = "\u00a0";
const MINUS = "\u2212";

export function pageLanguage(): Language {
  return document.documentElement.lang.startsWith("en") ? "en" : "ru";
}

/** `1 234,5` in Russian, `1,234.5` in English; a dash where there is no value. */
export function formatNumber(
  value: number | null | undefined,
  decimals: number,
  language: Language = "ru",
): string {
  if (value == null || !Number.isFinite(value)) return "—";
  const [whole = "0", fraction] = Math.abs(value).toFixed(decimals).split(".");
  // A rounded zero has no sign.
  const negative = value < 0 && Number(`${whole}.${fraction ?? 0}`) !== 0;
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, language === "ru" ? THIN : ",");
  const point = language === "ru" ? "," : ".";
  return (negative ? MINUS : "") + grouped + (fraction ? point + fraction : "");
}

/** Decimals an axis needs to tell its ticks apart. */
export function axisDecimals(interval: number): number {
  if (!(interval > 0) || interval >= 1) return Number.isInteger(interval) || interval > 10 ? 0 : 1;
  return Math.min(4, Math.ceil(-Math.log10(interval) - 1e-9) + (isRound(interval) ? 0 : 1));
}

function isRound(interval: number): boolean {
  const scaled = interval * 10 ** Math.ceil(-Math.log10(interval) - 1e-9);
  return Math.abs(scaled - Math.round(scaled)) < 1e-9;
}
