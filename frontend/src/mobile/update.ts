/** The service worker registered, and «Есть новая версия · Обновить» when another one waits. */

/** `offer` is called once a newer build waits; its argument takes it. */
export async function keepUpToDate(offer: (take: () => void) => void): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const address = document.body.dataset.worker;
  if (!address) return;
  let found: ServiceWorkerRegistration;
  try {
    found = await navigator.serviceWorker.register(address, { scope: "/m/", updateViaCache: "none" });
  } catch {
    return; // Without a worker everything works but a start without a network.
  }
  let isTaking = false;
  const propose = (waiting: ServiceWorker) =>
    offer(() => {
      isTaking = true;
      waiting.postMessage("take-over");
    });
  // The first worker of all takes the page over by itself; nothing is newer then.
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isTaking) location.reload();
  });
  if (found.waiting && navigator.serviceWorker.controller) propose(found.waiting);
  found.addEventListener("updatefound", () => {
    const coming = found.installing;
    coming?.addEventListener("statechange", () => {
      if (coming.state === "installed" && navigator.serviceWorker.controller) propose(coming);
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void found.update().catch(() => undefined);
  });
}

/** Ask for a send in the background, where the browser can do that. */
export async function sendLater(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const found = await navigator.serviceWorker.getRegistration("/m/");
  const sync = (found as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
  await sync?.register("faza-outbox").catch(() => undefined);
}
