/** Words of the client: Russian first, English second. A key has both, or the build's test fails. */
import { pageLanguage } from "../charts/numbers";
import { SECTIONS } from "./words/sections";
import { STATES } from "./words/states";
import { VERDICTS } from "./words/verdicts";

export const WORDS: Record<string, readonly [string, string]> = { ...SECTIONS, ...STATES, ...VERDICTS };

/** The words of a key in the page's language; `{name}` is filled in. */
export function t(key: string, otherwise?: string, filled: Record<string, string | number> = {}): string {
  const found = WORDS[key]?.[pageLanguage() === "ru" ? 0 : 1] ?? otherwise ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole));
}

/** As `t`, with something to fill in. */
export const tell = (key: string, filled: Record<string, string | number>): string => t(key, undefined, filled);

/** `3 дня`: the word of a key is `день|дня|дней` or `day|days`. */
export function count(many: number, key: string): string {
  const forms = t(key).split("|");
  const rule = new Intl.PluralRules(pageLanguage()).select(many);
  const place = pageLanguage() === "en" ? (rule === "one" ? 0 : 1) : ({ one: 0, few: 1 } as Record<string, number>)[rule] ?? 2;
  return `${many}\u00a0${forms[place] ?? forms[0]}`;
}

const MONTHS_RU = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split(" ");
const IN_RU = "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре".split(" ");
const OF_RU = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(" ");
const MONTHS_EN = "January February March April May June July August September October November December".split(" ");

/** The name of a month 1 … 12: by itself, after «в», or of it. */
export function monthName(month: number, form: "name" | "in" | "of" = "name"): string {
  const names = pageLanguage() === "en" ? MONTHS_EN : { name: MONTHS_RU, in: IN_RU, of: OF_RU }[form];
  return names[month - 1] ?? "";
}
