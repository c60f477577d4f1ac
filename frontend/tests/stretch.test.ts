import { expect, test } from "vitest";
import { typed } from "../src/charts/stretch";

test("a moment is typed by the clock of the point's zone", () => {
  const instant = Date.parse("2026-11-17T17:30:00Z");
  expect(typed(instant, "Europe/Moscow")).toBe("2026-11-17T20:30");
  expect(typed(instant, "Asia/Omsk")).toBe("2026-11-17T23:30");
});
