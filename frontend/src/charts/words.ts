/** The few words a chart says by itself; everything else comes translated from the server. */
import type { Language } from "./numbers";
import { formatNumber, NBSP } from "./numbers";
import { Quality } from "./payloads";

interface Words {
  quality: Record<Quality, string>;
  months: string[];
  weekdays: string[];
  noData: string;
  dataUntil: (moment: string) => string;
  hours: string;
  days: string;
  minutes: string;
  reset: string;
  failed: string;
  measured: string;
  estimated: string;
  afterDays: (n: number) => string;
  expected: string;
}

const RU: Words = {
  quality: {
    [Quality.Measured]: "измерено",
    [Quality.Estimated]: "расчётное",
    [Quality.Missing]: "нет данных",
    [Quality.NotYet]: "ещё не поступило",
    [Quality.Manual]: "введено вручную",
    [Quality.Doubtful]: "сомнительное",
    [Quality.Partial]: "неполное",
  },
  months: ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
  weekdays: ["вс", "пн", "вт", "ср", "чт", "пт", "сб"],
  noData: "нет данных",
  dataUntil: (moment) => `данные до${NBSP}${moment}`,
  hours: "ч",
  days: "сут",
  minutes: "мин",
  reset: "Сбросить масштаб",
  failed: "Не удалось построить график. Значения — в таблице на этой странице.",
  measured: "измерено",
  estimated: "расчётных",
  afterDays: (n) => `к концу ${n}-го дня`,
  expected: "ожидается",
};

const EN: Words = {
  quality: {
    [Quality.Measured]: "measured",
    [Quality.Estimated]: "estimated",
    [Quality.Missing]: "no data",
    [Quality.NotYet]: "not yet arrived",
    [Quality.Manual]: "entered by hand",
    [Quality.Doubtful]: "doubtful",
    [Quality.Partial]: "incomplete",
  },
  months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  weekdays: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
  noData: "no data",
  dataUntil: (moment) => `data until${NBSP}${moment}`,
  hours: "h",
  days: "d",
  minutes: "min",
  reset: "Reset zoom",
  failed: "The chart could not be drawn. The values are in the table on this page.",
  measured: "measured",
  estimated: "estimated",
  afterDays: (n) => `by the end of day ${n}`,
  expected: "expected",
};

export const wordsIn = (language: Language): Words => (language === "ru" ? RU : EN);

const HOUR = 3_600_000;

/** «30 мин», «10 ч», «2 сут 3 ч»: two units at most. */
export function formatDuration(millis: number, language: Language): string {
  const words = wordsIn(language);
  const part = (n: number, unit: string): string => `${formatNumber(n, 0, language)}${NBSP}${unit}`;
  const minutes = Math.round(millis / 60_000);
  if (minutes < 60) return part(minutes, words.minutes);
  const whole = Math.floor(millis / HOUR);
  if (whole < 48) {
    const rest = minutes - whole * 60;
    return rest ? `${part(whole, words.hours)} ${part(rest, words.minutes)}` : part(whole, words.hours);
  }
  const days = Math.floor(whole / 24);
  const hours = whole - days * 24;
  return hours ? `${part(days, words.days)} ${part(hours, words.hours)}` : part(days, words.days);
}
