/**
 * The service worker: keeps the shell of one build, opens it without a network, sends readings that
 * wait, shows what is pushed. Answers of the API never pass through it; they are the page's.
 *
 * `BUILT` is put before it by the server: another build is another worker, which waits until the
 * person takes it.
 */
import { Gone } from "../client";
import { flush } from "../sending";
import { wipe } from "../wipe";

interface Built {
  version: string;
  shell: string;
  files: string[];
  icon: string;
  badge: string;
}

interface Waiting extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching extends Waiting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Pushed extends Waiting {
  data: { json(): unknown } | null;
}
interface Clicked extends Waiting {
  notification: Notification;
}
interface Page {
  url: string;
  focus(): Promise<Page>;
  navigate(url: string): Promise<Page | null>;
}
interface Worker {
  BUILT: Built;
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(told: object): Promise<Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(name: string, heard: (event: never) => void): void;
}

const worker = self as unknown as Worker;
const { version, shell, files, icon, badge } = worker.BUILT;
const CACHE = `faza-${version}`;

worker.addEventListener("install", (event: Waiting) => {
  event.waitUntil(fill());
});
worker.addEventListener("activate", (event: Waiting) => {
  event.waitUntil(takeOver());
});
worker.addEventListener("message", (event: MessageEvent) => {
  if (event.data === "take-over") void worker.skipWaiting();
});
worker.addEventListener("fetch", (event: Fetching) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const asked = new URL(request.url);
  if (asked.origin !== location.origin) return;
  if (request.mode === "navigate" && asked.pathname === shell) event.respondWith(kept(shell, request));
  else if (files.includes(asked.pathname)) event.respondWith(kept(asked.pathname, request));
});
worker.addEventListener("sync", (event: Waiting & { tag: string }) => {
  if (event.tag === "faza-outbox") event.waitUntil(deliver());
});
worker.addEventListener("push", (event: Pushed) => {
  event.waitUntil(show(event));
});
worker.addEventListener("notificationclick", (event: Clicked) => {
  event.notification.close();
  event.waitUntil(open(`${shell}#/notices`));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([shell, ...files].map((file) => new Request(file, { cache: "no-cache" })));
}

async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith("faza-") && name !== CACHE) await caches.delete(name);
  }
  await worker.clients.claim();
}

async function kept(path: string, request: Request): Promise<Response> {
  const found = await caches.match(path, { cacheName: CACHE });
  return found ?? fetch(request);
}

/** Raises where nobody was reached, so that the browser tries again later. */
async function deliver(): Promise<void> {
  try {
    const told = await flush();
    if (told.includes("later")) throw new Error("nobody was reached");
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    await wipe();
  }
}

async function show(event: Pushed): Promise<void> {
  let told: { title?: string; body?: string; tag?: string } = {};
  try {
    told = (event.data?.json() ?? {}) as typeof told;
  } catch {
    // A message that is none of ours still has to be shown: browsers insist.
  }
  const more = { body: told.body ?? "", tag: told.tag ?? "faza", icon, badge };
  await worker.registration.showNotification(told.title ?? "Фаза", more);
}

async function open(url: string): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window" });
  const page = pages.find((one) => new URL(one.url).pathname === shell);
  if (!page) {
    await worker.clients.openWindow(url);
    return;
  }
  await page.focus();
  await page.navigate(url);
}
