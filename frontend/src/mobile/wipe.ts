/** Everything that the phone keeps of its person goes: answers, readings not sent, caches, the worker. */
import { say } from "./sending";
import { forget } from "./store";

/** In the page or in the worker. What cannot be reached does not keep the rest from going. */
export async function wipe(): Promise<void> {
  await Promise.allSettled([forget(), dropCaches(), unsubscribe()]);
  say("gone");
}

async function dropCaches(): Promise<void> {
  if (typeof caches === "undefined") return;
  for (const name of await caches.keys()) if (name.startsWith("faza-")) await caches.delete(name);
}

/** The worker too: the next start brings it back where somebody is connected. */
async function unsubscribe(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const found = await navigator.serviceWorker.getRegistration("/m/");
  const subscribed = await found?.pushManager?.getSubscription();
  await subscribed?.unsubscribe();
  await found?.unregister();
}
