/**
 * What the phone keeps, in IndexedDB: answers with their moment, readings and answers that wait to be sent,
 * and the choice of point. Nothing of it is anywhere else, and `forget` takes all of it away.
 */
import type { Item } from "./queue";

export interface Kept<T = unknown> {
  path: string;
  at: number;
  etag: string | null;
  data: T;
}

const NAME = "faza";
const STORES = ["answers", "outbox", "choices"] as const;
type Name = (typeof STORES)[number];
let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const made = asked.result;
      made.createObjectStore("answers", { keyPath: "path" });
      made.createObjectStore("outbox", { keyPath: "id" });
      made.createObjectStore("choices");
    };
    asked.onsuccess = () => {
      // Another tab or the worker takes everything away: let it.
      asked.result.onversionchange = () => {
        asked.result.close();
        opened = null;
      };
      resolve(asked.result);
    };
    asked.onerror = () => {
      opened = null;
      reject(asked.error);
    };
  });
  return opened;
}

async function within<T>(
  name: Name,
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const store = await database();
  return new Promise((resolve, reject) => {
    const deed = store.transaction(name, mode);
    const asked = ask(deed.objectStore(name));
    deed.oncomplete = () => resolve(asked.result);
    deed.onerror = deed.onabort = () => reject(deed.error);
  });
}

export const answers = {
  get: (path: string) => within<Kept | undefined>("answers", "readonly", (all) => all.get(path)),
  put: (kept: Kept) => within("answers", "readwrite", (all) => all.put(kept)),
  all: () => within<Kept[]>("answers", "readonly", (all) => all.getAll()),
  drop: (path: string) => within("answers", "readwrite", (all) => all.delete(path)),
};

export const outbox = {
  all: () => within<Item[]>("outbox", "readonly", (all) => all.getAll()),
  get: (id: string) => within<Item | undefined>("outbox", "readonly", (all) => all.get(id)),
  put: async (one: Item): Promise<void> => void (await within("outbox", "readwrite", (all) => all.put(one))),
  drop: async (id: string): Promise<void> => void (await within("outbox", "readwrite", (all) => all.delete(id))),
};

export const choices = {
  get: (name: string) => within<string | undefined>("choices", "readonly", (all) => all.get(name)),
  put: (name: string, value: string) => within("choices", "readwrite", (all) => all.put(value, name)),
};

/** Take everything away; whatever another tab holds open is emptied at once all the same. */
export async function forget(): Promise<void> {
  const store = await database();
  await new Promise<void>((resolve, reject) => {
    const deed = store.transaction([...STORES], "readwrite");
    for (const name of STORES) deed.objectStore(name).clear();
    deed.oncomplete = () => resolve();
    deed.onerror = deed.onabort = () => reject(deed.error);
  });
  store.close();
  opened = null;
  indexedDB.deleteDatabase(NAME);
}

const AGE = 60 * 24 * 3600 * 1000;
const MOST = 200;

/** Let go of answers that nobody will look at: older than 60 days, or beyond the newest 200. */
export async function tidy(now = Date.now()): Promise<void> {
  const old = (await answers.all()).sort((one, other) => other.at - one.at);
  await Promise.all(old.filter((one, place) => place >= MOST || now - one.at > AGE).map((one) => answers.drop(one.path)));
}
