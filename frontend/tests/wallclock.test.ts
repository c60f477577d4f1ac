import { describe, expect, it } from "vitest";

import { clock, date, endsOf, instantOf, ticks, wallOf } from "../src/charts/wallclock";

const HOUR = 3_600_000;
const MOSCOW = "Europe/Moscow";
const SYDNEY = "Australia/Sydney";

describe("wallOf and instantOf", () => {
  it("are each other's inverse", () => {
    for (const text of ["2026-11-21T11:30:00Z", "2014-10-25T20:00:00Z", "2010-06-30T23:59:00Z"]) {
      const instant = Date.parse(text);
      expect(instantOf(wallOf(instant, MOSCOW), MOSCOW)).toBe(instant);
    }
  });

  it("shows the zone's own clock", () => {
    const wall = wallOf(Date.parse("2026-11-21T21:30:00Z"), MOSCOW);
    expect([date(wall), clock(wall)]).toEqual(["22.11.2026", "00:30"]);
  });
});

describe("endsOf", () => {
  it("gives a civil day its true length where clocks change", () => {
    // 6 October 2013: Sydney goes to summer time, the day has 23 hours.
    const start = Date.parse("2013-10-05T14:00:00Z");
    expect(endsOf([start], "day", SYDNEY)[0]! - start).toBe(23 * HOUR);
    expect(endsOf([start], 1800, SYDNEY)[0]! - start).toBe(HOUR / 2);
  });

  it("ends a month where the next begins", () => {
    const start = Date.parse("2026-01-31T21:00:00Z"); // 1 February in Moscow
    expect(endsOf([start], "month", MOSCOW)[0]).toBe(Date.parse("2026-02-28T21:00:00Z"));
  });
});

describe("ticks", () => {
  const day = Date.parse("2026-11-20T21:00:00Z"); // 21 November in Moscow

  it("cuts a day into whole hours, both midnights included", () => {
    const { at, unit } = ticks(day, day + 24 * HOUR, MOSCOW, 10);
    expect(unit).toBe("hour");
    expect(at.map((moment) => clock(wallOf(moment, MOSCOW)))).toEqual([
      "00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00",
    ]);
  });

  it("cuts a week into days and a year into months, within the room there is", () => {
    expect(ticks(day, day + 7 * 24 * HOUR, MOSCOW, 8).at).toHaveLength(7);
    const year = Date.parse("2025-12-31T21:00:00Z");
    const { at, unit } = ticks(year, Date.parse("2026-12-31T21:00:00Z"), MOSCOW, 12);
    expect([unit, at.length]).toEqual(["month", 12]);
    expect(ticks(year, Date.parse("2026-12-31T21:00:00Z"), MOSCOW, 5).at.length).toBeLessThan(6);
  });
});
