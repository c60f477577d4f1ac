/**
 * Signing out, with or without a network: what the phone keeps goes at once; that its key is to end
 * is put down first, and sent before anything else of the next start. No script can delete the key.
 */
import { APP } from "./client";

const MARK = "faza.leaving";

/** Whether the phone has signed out, and nobody was told of it yet. */
export const isLeaving = (): boolean => localStorage.getItem(MARK) !== null;

export function putDown(): void {
  localStorage.setItem(MARK, "1");
}

/** Ends the key, and with it the cookie; false where nobody was reached. Twice is once. */
export async function endKey(address = "/m/out/"): Promise<boolean> {
  const got = await fetch(address, { method: "POST", headers: APP, cache: "no-store" }).catch(() => null);
  if (got?.ok) localStorage.removeItem(MARK);
  return got?.ok ?? false;
}
