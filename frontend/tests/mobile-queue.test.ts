import { expect, test } from "vitest";

import { fits, judge } from "../src/mobile/judge";
import { type Answering, confirmed, deliver, type Desk, type Queued } from "../src/mobile/queue";

const READING: Queued = {
  id: "a".repeat(32), usage_point: "P/1", name: "Дом", meter: "1", sure: [], state: "waiting",
  registers: [{ channel: "A+", tariff: 0, value: "120.5" }], read_at: "2026-11-22T08:00:00.000Z",
};
const DOUBTFUL = {
  status: 422, code: "doubtful", confirm: "mark", title: "",
  doubts: [{ channel: "A+", tariff: 0, doubts: ["much"] }],
};

interface Said {
  path: string;
  body: unknown;
  key: string;
}

/** A desk that answers by turns; an Error is a network that is not there. */
function desk(first: Queued[], answers: (Error | { status: number; body?: unknown })[]) {
  const rows = new Map(first.map((one) => [one.id, one]));
  const said: Said[] = [];
  const made: Desk = {
    all: async () => [...rows.values()],
    get: async (id) => rows.get(id),
    put: async (one) => void rows.set(one.id, one as Queued),
    drop: async (id) => void rows.delete(id),
    post: async (path, body, key) => {
      said.push({ path, body, key });
      const answer = answers.shift();
      if (!answer || answer instanceof Error) throw answer ?? new TypeError("nobody");
      return { status: answer.status, body: answer.body ?? null };
    },
  };
  return { made, rows, said };
}

test("a reading is sent under its own key and then let go", async () => {
  const { made, rows, said } = desk([READING], [{ status: 201 }]);
  expect(await deliver(made)).toEqual(["sent"]);
  expect(rows.size).toBe(0);
  expect(said[0]).toMatchObject({ path: "usage-points/P%2F1/entry", key: READING.id });
});

test("without a network it stays, and goes again with the same key and the same words", async () => {
  const { made, rows, said } = desk([READING], [new TypeError("offline"), { status: 201 }]);
  await expect(deliver(made)).rejects.toThrow();
  expect(rows.get(READING.id)!.state).toBe("waiting");
  await deliver(made);
  expect(said[1]).toEqual(said[0]);
});

test("a server that is busy is asked later, and nothing after it is tried", async () => {
  const other = { ...READING, id: "b".repeat(32), read_at: "2026-11-22T09:00:00.000Z" };
  const { made, rows, said } = desk([other, READING], [{ status: 503 }]);
  expect(await deliver(made)).toEqual(["later"]);
  expect(said.map((one) => one.key)).toEqual([READING.id]);
  expect(rows.size).toBe(2);
});

test("a photo is sent once though the reading after it was not", async () => {
  const photo = new Blob(["x"]);
  const { made, said } = desk(
    [{ ...READING, photo }],
    [{ status: 201, body: { photo: "kept.jpg" } }, new TypeError("offline"), { status: 201 }],
  );
  await expect(deliver(made)).rejects.toThrow();
  await deliver(made);
  expect(said.map((one) => one.path)).toEqual(["entry/photos", "usage-points/P%2F1/entry", "usage-points/P%2F1/entry"]);
  expect(said[2]!.body).toMatchObject({ photo: "kept.jpg" });
});

test("a photo that the server has let go is sent once more under another key", async () => {
  const gone = { status: 422, code: "invalid", title: "", errors: [{ field: "photo", reason: "gone" }] };
  const first: Queued = { ...READING, photo: new Blob(["x"]), held: "old.jpg" };
  const { made, said } = desk([first], [{ status: 422, body: gone }, { status: 201, body: { photo: "new.jpg" } }, { status: 201 }]);
  expect(await deliver(made)).toEqual(["sent"]);
  expect(said[1]!.key).toBe(`${READING.id}-photo-1`);
});

test("what is doubtful waits for the person, and goes with the server's word once they are sure", async () => {
  const { made, rows, said } = desk([READING], [{ status: 422, body: DOUBTFUL }, { status: 201 }]);
  expect(await deliver(made)).toEqual(["doubtful"]);
  expect(await deliver(made)).toEqual([]);
  await made.put(confirmed(rows.get(READING.id)!));
  expect(await deliver(made)).toEqual(["sent"]);
  expect(said[1]!.body).toMatchObject({ confirm: "mark" });
});

test("what the person was sure of without a network is not asked again", async () => {
  const { made, said } = desk([{ ...READING, sure: ["A+.0.much"] }], [{ status: 422, body: DOUBTFUL }, { status: 201 }]);
  expect(await deliver(made)).toEqual(["sent"]);
  expect(said).toHaveLength(2);
});

test("a refused reading stays with its reason", async () => {
  const body = { status: 422, code: "closed", title: "Сейчас не принимаются" };
  const { made, rows } = desk([READING], [{ status: 422, body }]);
  expect(await deliver(made)).toEqual(["refused"]);
  expect(rows.get(READING.id)).toMatchObject({ state: "refused", reason: "Сейчас не принимаются" });
});

test.each([
  [99, ["less"], null],
  [100, ["same"], 0],
  [105, ["little"], 5],
  [120, [], 20],
  [200, ["much"], 100],
])("%s is judged", (value, doubts, counted) => {
  const dial = { last: 100, usual: { low: 10, high: 50 } };
  expect(judge(value, dial)).toEqual({ counted, doubts });
});

test("without a last reading nothing is odd", () => {
  expect(judge(5, { last: null, usual: null })).toEqual({ counted: null, doubts: [] });
});

test("a value has no more digits than the face", () => {
  const dial = { digits: 3, decimals: 1 };
  expect(["007", "999.9", "0012"].map((one) => fits(one, dial))).toEqual([true, true, true]);
  expect(["1000", "1.25"].map((one) => fits(one, dial))).toEqual([false, false]);
});

const ANSWER: Answering = {
  id: "b".repeat(32), answers: 7, name: "Дом", read_at: "2026-11-22T07:00:00.000Z", text: "Верно", state: "waiting",
};

test("an answer goes under its own key, in the order of what was typed", async () => {
  const { made, rows, said } = desk([READING, ANSWER as unknown as Queued], [{ status: 201 }, { status: 201 }]);
  expect(await deliver(made)).toEqual(["sent", "sent"]);
  expect(rows.size).toBe(0);
  expect(said[0]).toEqual({ path: "entry/sent/7/answer", body: { text: "Верно" }, key: ANSWER.id });
});

test("an answer that nobody waits for stays with why", async () => {
  const { made, rows } = desk([ANSWER as unknown as Queued], [{ status: 409, body: { code: "not-asked", title: "Уже решено" } }]);
  expect(await deliver(made)).toEqual(["refused"]);
  expect(rows.get(ANSWER.id)).toMatchObject({ state: "refused", reason: "Уже решено" });
});
