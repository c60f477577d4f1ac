import { expect, test, vi } from "vitest";

import { change, joined, moreButton } from "../src/mobile/pages";
import { WORDS } from "../src/mobile/words";

vi.mock("../src/mobile/client", () => ({ Gone: class extends Error {}, renew: vi.fn(async () => ({ state: "fresh", kept: { data: answered.shift() } })) }));
vi.mock("../src/mobile/store", () => ({ answers: { get: async () => undefined } }));

interface Row {
  id: number;
  read?: boolean;
}
let answered: { items: Row[]; next: string | null }[] = [];
const key = (one: Row): string => String(one.id);

class Stub {
  listeners: (() => Promise<void>)[] = [];
  children: unknown[] = [];
  disabled = false;
  textContent = "";
  append(...more: unknown[]) {
    this.children.push(...more);
  }
  setAttribute() {}
  addEventListener(_name: string, heard: () => Promise<void>) {
    this.listeners.push(heard);
  }
}
vi.stubGlobal("document", { createElement: () => new Stub(), documentElement: { lang: "ru" } });

async function press(path: string, first: { items: Row[]; next: string | null }): Promise<void> {
  const place = moreButton(path, first, key, () => undefined) as unknown as Stub;
  await (place.children[1] as Stub).listeners[0]!();
}

test("pages follow each other, a row once, until there is no more", async () => {
  const first = { items: [{ id: 1 }, { id: 2 }], next: "b" };
  expect(joined("events?x=1", first, key)).toBe(first);
  answered = [{ items: [{ id: 2 }, { id: 3 }], next: "c" }, { items: [{ id: 4 }], next: null }];
  await press("events?x=1", first);
  expect(joined("events?x=1", first, key)).toEqual({ items: [{ id: 1 }, { id: 2 }, { id: 3 }], next: "c" });
  await press("events?x=1", first);
  expect(joined("events?x=1", first, key)).toEqual({ items: [1, 2, 3, 4].map((id) => ({ id })), next: null });
  expect(moreButton("events?x=1", first, key, () => undefined)).toBeNull();
});

test("where the first page has changed the others are asked for anew", async () => {
  const first = { items: [{ id: 1 }], next: "b" };
  answered = [{ items: [{ id: 2 }], next: null }];
  await press("notices", first);
  change<Row>("notices", (one) => ({ ...one, read: true }));
  expect(joined("notices", first, key).items[1]).toEqual({ id: 2, read: true });
  expect(joined("notices", { items: [{ id: 0 }, { id: 1 }], next: "b" }, key).items).toHaveLength(2);
});

test("without a network what is there stays", async () => {
  const first = { items: [{ id: 1 }], next: "b" };
  answered = [];
  await press("sent", first);
  expect(joined("sent", first, key)).toBe(first);
});

test("each verdict has a title and a sentence", () => {
  const titles = Object.keys(WORDS).filter((one) => one.startsWith("verdict-") && !one.endsWith("-note"));
  expect(titles.length).toBe(26);
  for (const one of titles) expect(WORDS).toHaveProperty([`${one}-note`]);
});
