import { beforeEach, expect, test, vi } from "vitest";

import { scale } from "../src/mobile/chart";
import { daysOf, dayIn, plusDays, plusMonths } from "../src/mobile/days";
import { amount, change, lasting, number, percent, since, typed } from "../src/mobile/format";
import { bytes } from "../src/mobile/push";
import { count, t, WORDS } from "../src/mobile/words";

const page = { documentElement: { lang: "ru" } };
vi.stubGlobal("document", page);
beforeEach(() => {
  page.documentElement.lang = "ru";
});

test("numbers are as Russian writes them, and what is missing is no zero", () => {
  expect(number(1234.56)).toBe("1\u202f234,6");
  expect(amount(0, "kWh")).toBe("0,0\u00a0кВт·ч");
  expect(amount(null, "kWh")).toBe("нет данных");
});

test("in English too", () => {
  page.documentElement.lang = "en";
  expect(amount(1234.56, "kWh")).toBe("1,234.6\u00a0kWh");
  expect(t("no-data")).toBe("no data");
});

test("a share that is not whole does not read as whole", () => {
  expect(percent(0.9999)).toBe("99,9\u00a0%");
  expect(percent(1)).toBe("100\u00a0%");
});

test("a change is told where there is something to compare with", () => {
  expect(change(102, 100)).toBe("+2\u00a0%");
  expect(change(96, 100)).toBe("\u22124\u00a0%");
  expect([change(5, null), change(null, 5), change(5, 0)]).toEqual(["", "", ""]);
});

test.each([
  ["12 345,6", "12345.6"],
  ["007531", "007531"],
  ["7531,", "7531"],
  ["-5", null],
  ["1e5", null],
  ["", null],
])("typed %j is %j", (text, told) => {
  expect(typed(text)).toBe(told);
});

test("days and months go over their ends", () => {
  expect(plusDays("2026-12-31", 1)).toBe("2027-01-01");
  expect([plusMonths("2026-01", -1), plusMonths("2026-12", 1), plusMonths("2026-11", -12)]).toEqual(["2025-12", "2027-01", "2025-11"]);
  expect([daysOf("2026-02"), daysOf("2028-02")]).toEqual([28, 29]);
});

test("a day is the point's own", () => {
  const at = new Date("2026-11-22T21:30:00Z");
  expect([dayIn("Europe/Moscow", at), dayIn("Europe/Kaliningrad", at), dayIn("UTC", at)]).toEqual(["2026-11-23", "2026-11-22", "2026-11-22"]);
});

test("how old data are is told by the clock, and by the day where it is another", () => {
  const now = new Date(2026, 10, 22, 15, 0);
  expect(since(new Date(2026, 10, 22, 14, 5).getTime(), now)).toBe("14:05");
  expect(since(new Date(2026, 10, 21, 9, 0).getTime(), now)).toBe("21.11 09:00");
});

test("lengths and counts have their words", () => {
  expect(lasting(3720)).toBe("1\u00a0ч 2\u00a0мин");
  expect([1, 3, 5, 21].map((many) => count(many, "events-word"))).toEqual(["1\u00a0событие", "3\u00a0события", "5\u00a0событий", "21\u00a0событие"]);
});

test("every key has both languages, with the same things to fill in", () => {
  const holes = (words: string) => (words.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, [russian, english]] of Object.entries(WORDS)) expect(holes(russian), key).toEqual(holes(english));
});

test("every word that is asked for by its name is there", () => {
  const asked = new Set<string>();
  const sources = import.meta.glob<string>("../src/mobile/**/*.ts", { query: "?raw", import: "default", eager: true });
  for (const [file, text] of Object.entries(sources)) {
    if (/connect|scanning/.test(file)) continue;
    for (const match of text.matchAll(/\b(?:t|tell)\("([^"]+)"|, "([\w-]+-word)"/g)) asked.add((match[1] ?? match[2])!);
  }
  expect(asked.size).toBeGreaterThan(80);
  expect([...asked].filter((key) => !(key in WORDS))).toEqual([]);
});

test("an axis ends at a round number above the most", () => {
  expect(scale(0)).toEqual({ end: 1, step: 0.5 });
  for (const most of [0.4, 1, 7, 33, 99, 593.5, 12345]) {
    const { end, step } = scale(most);
    expect(end).toBeGreaterThanOrEqual(most);
    expect(end / step).toBeLessThanOrEqual(4.01);
  }
});

test("a key of push is base64url", () => {
  expect([...bytes("-_8A")]).toEqual([251, 255, 0]);
});
