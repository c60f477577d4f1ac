/** Civil days as `YYYY-MM-DD` and months as `YYYY-MM`, by the clock of a usage point. */

/** The day at a moment by a zone's clock. */
export function dayIn(zone: string, at: Date = new Date()): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(at);
}

export function plusDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

export const monthOf = (day: string): string => day.slice(0, 7);
export const firstOf = (month: string): string => `${month}-01`;

export function plusMonths(month: string, months: number): string {
  const whole = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + months;
  return `${String(Math.floor(whole / 12)).padStart(4, "0")}-${String((whole % 12) + 1).padStart(2, "0")}`;
}

/** Days of a month. */
export function daysOf(month: string): number {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
}

export const isDay = (text: string): boolean => /^20\d\d-\d\d-\d\d$/.test(text);
export const isMonth = (text: string): boolean => /^20\d\d-\d\d$/.test(text);

/** Whether two zones show the same clock at a moment. */
export function sameClock(zone: string, other: string, at: Date = new Date()): boolean {
  const shown = (name: string) =>
    new Intl.DateTimeFormat("en-CA", { timeZone: name, dateStyle: "short", timeStyle: "short" }).format(at);
  return zone === other || shown(zone) === shown(other);
}
