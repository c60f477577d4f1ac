/** Web Push of this device: off until the person switches it on. */
import { send } from "./client";

export class Denied extends Error {}

export const isPossible = (): boolean =>
  "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Subscribes and tells the server. Raises Denied, or Error where it did not work. */
export async function switchOn(key: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Denied();
  const found = await navigator.serviceWorker.ready;
  const subscribed = await found.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = subscribed.toJSON();
  const got = await send("PUT", "push", { endpoint, keys });
  if (!got.ok) {
    await subscribed.unsubscribe();
    throw new Error(String(got.status));
  }
}

/** The server first: what it has forgotten is sent nothing, whatever the browser does. */
export async function switchOff(): Promise<void> {
  const got = await send("DELETE", "push");
  if (!got.ok) throw new Error(String(got.status));
  const found = await navigator.serviceWorker.getRegistration("/m/");
  await (await found?.pushManager.getSubscription())?.unsubscribe();
}

/** Base64url as bytes. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const bare = text.replaceAll("-", "+").replaceAll("_", "/");
  const raw = atob(bare.padEnd(Math.ceil(bare.length / 4) * 4, "="));
  const made = new Uint8Array(raw.length);
  for (let place = 0; place < raw.length; place += 1) made[place] = raw.charCodeAt(place);
  return made;
}
