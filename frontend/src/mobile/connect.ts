/**
 * A phone is connected: it scans the QR of the cabinet's page, or was opened by the link in it, or a
 * code is typed. Then it waits for the owner's answer. All but the camera works without this too.
 */
import "../styles";

import { theme } from "../behaviour/theme";
import { endKey, isLeaving } from "./leaving";
import { hasCamera, scan } from "./scanning";

const EVERY = 1500;

theme();
// A phone that signed out without a network ends its old key before it asks for another one.
if (isLeaving()) void endKey();
const connecting = document.querySelector<HTMLElement>("[data-connect]");
if (connecting) connect(connecting);
const waiting = document.querySelector<HTMLFormElement>("form[data-waiting]");
if (waiting) wait(waiting);

function connect(page: HTMLElement): void {
  void nameModel(page);
  const opened = page.querySelector<HTMLFormElement>("form[data-opened]");
  const secret = location.hash.slice(1);
  if (secret && opened) {
    // Not left in the address bar, nor in the history.
    history.replaceState(null, "", location.pathname);
    fill(opened, secret);
    opened.hidden = false;
    page.querySelector<HTMLElement>("[data-scanner]")!.hidden = true;
    return;
  }
  const button = page.querySelector<HTMLButtonElement>("[data-scan]");
  if (!button || !opened || !hasCamera()) return;
  button.hidden = false;
  button.addEventListener("click", () => void look(page, button, opened));
}

async function look(page: HTMLElement, button: HTMLButtonElement, form: HTMLFormElement): Promise<void> {
  const view = page.querySelector<HTMLElement>("[data-view]")!;
  const stopping = new AbortController();
  const stop = view.querySelector<HTMLButtonElement>("[data-stop]")!;
  stop.addEventListener("click", () => stopping.abort(), { once: true });
  say(page, "");
  button.hidden = true;
  view.hidden = false;
  try {
    const secret = await scan(view.querySelector("video")!, stopping.signal, ours, () => say(page, "foreign"));
    if (secret) {
      fill(form, secret);
      form.requestSubmit();
      return;
    }
  } catch {
    say(page, "none");
  }
  view.hidden = true;
  button.hidden = false;
}

/** The secret in a QR of this very cabinet; null for any other text. */
function ours(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const link = new URL(text);
  return link.origin === location.origin && link.pathname === location.pathname ? link.hash.slice(1) : null;
}

function say(page: HTMLElement, what: string): void {
  for (const one of page.querySelectorAll<HTMLElement>("[data-said]")) one.hidden = one.dataset.said !== what;
}

function fill(form: HTMLFormElement, secret: string): void {
  form.querySelector<HTMLInputElement>("input[name=secret]")!.value = secret;
}

type Brands = { getHighEntropyValues(names: string[]): Promise<{ model?: string }> };

/** The owner is told which phone asks: some browsers know its model. */
async function nameModel(page: HTMLElement): Promise<void> {
  const brands = (navigator as Navigator & { userAgentData?: Brands }).userAgentData;
  const model = (await brands?.getHighEntropyValues(["model"]).catch(() => null))?.model ?? "";
  for (const field of page.querySelectorAll<HTMLInputElement>("input[name=model]")) field.value = model;
}

function wait(form: HTMLFormElement): void {
  form.querySelector<HTMLElement>("[data-waits]")!.hidden = false;
  form.querySelector<HTMLElement>("[data-ask]")!.hidden = true;
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      const told = (await answer.json()) as { state: string; next: string };
      if (told.next) location.replace(told.next);
    } catch {
      // Without network it asks again.
    } finally {
      asking = false;
    }
  };
  setInterval(() => void ask(), EVERY);
  document.addEventListener("visibilitychange", () => void ask());
}
