/** The mobile client: opens a screen by the address, asks what it needs, draws it, again when it came. */
import "./mobile.css";

import { Gone, renew } from "./client";
import { dayIn, sameClock } from "./days";
import { h } from "./dom";
import { since } from "./format";
import { frame } from "./frame";
import { empty } from "./parts";
import { endKey, isLeaving } from "./leaving";
import { SCREENS } from "./screens";
import { gone } from "./screens/gone";
import { CHANNEL, flush, type Said } from "./sending";
import { answers, choices, outbox, tidy } from "./store";
import type { Listed, Me, Point, Problem } from "./types";
import { keepUpToDate, sendLater } from "./update";
import type { Answers, Context, Screen } from "./view";
import { wipe } from "./wipe";
import { t, tell } from "./words";

const BASE = { me: "me", points: "usage-points?limit=500" };
const place = document.getElementById("app")!;
const around = frame(place, (code) => void choosePoint(code));
let turn = 0;
let isGone = false;
let hasWorker = false;

async function open(keepsPlace = false): Promise<void> {
  if (isGone) return;
  const mine = (turn += 1);
  const [name = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const screen = SCREENS[name] ?? SCREENS[""]!;
  around.set(await standing(screen, null, [], null));
  if (mine !== turn) return;
  if (!keepsPlace) around.main.replaceChildren(h("p", { class: "m-wait", role: "status" }, t("loading")));
  try {
    const base = (await keptOf(BASE)) ?? (await renewed(BASE));
    let context = await contextOf(base.answers, rest);
    if (mine !== turn) return;
    if (!context) return noContext(base);
    let needs = screen.needs(context);
    const kept = await keptOf(needs, true);
    if (mine !== turn) return;
    if (kept) await paint(screen, kept.answers, context, !keepsPlace);
    const asked = { ...BASE, ...needs };
    const fresh = await renewed(asked);
    if (mine !== turn) return;
    context = (await contextOf(fresh.answers, rest)) ?? context;
    needs = screen.needs(context);
    if (fresh.isNew || !kept || fresh.hasProblem) await paint(screen, fresh.answers, context, !keepsPlace && !kept);
    told(fresh, context);
    afterwards();
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    await leave();
  }
}

interface Got {
  answers: Answers;
  isNew: boolean;
  hasProblem: boolean;
  /** The oldest answer that could not be renewed; null where all were. */
  staleAt: number | null;
  isOffline: boolean;
}

/** What is kept of several questions; null unless all are (or some, if that is enough). */
async function keptOf(needs: Record<string, string>, some = false): Promise<Got | null> {
  const found: Answers = {};
  for (const [name, path] of Object.entries(needs)) {
    const kept = await answers.get(path);
    if (kept) found[name] = { data: kept.data };
    else if (!some) return null;
  }
  if (Object.keys(needs).length && !Object.keys(found).length) return null;
  return { answers: found, isNew: false, hasProblem: false, staleAt: null, isOffline: false };
}

async function renewed(needs: Record<string, string>): Promise<Got> {
  const got: Got = { answers: {}, isNew: false, hasProblem: false, staleAt: null, isOffline: false };
  const each = Object.entries(needs).map(async ([name, path]) => {
    const asked = await renew(path);
    if (asked.state === "fresh") got.isNew = true;
    if (asked.state === "problem") {
      got.hasProblem = true;
      got.answers[name] = { problem: asked.problem };
      return;
    }
    if (asked.state !== "offline") {
      got.answers[name] = { data: asked.kept.data };
      return;
    }
    got.isOffline = true;
    const kept = await answers.get(path);
    if (!kept) return;
    got.answers[name] = { data: kept.data };
    got.staleAt = Math.min(got.staleAt ?? kept.at, kept.at);
  });
  await Promise.all(each);
  return got;
}

async function contextOf(found: Answers, rest: string[]): Promise<Context | null> {
  const me = found.me?.data as Me | undefined;
  const points = (found.points?.data as Listed<Point> | undefined)?.items;
  if (!me || !points?.length) return null;
  await forgetAnother(me);
  const chosen = await choices.get("point");
  const point = points.find((one) => one.code === chosen) ?? points[0]!;
  return { me, points, point, today: dayIn(point.zone), rest };
}

/** Another person was connected on this phone: what it kept of the one before is not theirs. */
async function forgetAnother(me: Me): Promise<void> {
  const who = JSON.stringify([me.name, me.token, me.expires_at]);
  const before = await choices.get("who");
  if (before === who) return;
  if (before) {
    for (const one of await outbox.all()) await outbox.drop(one.id);
    for (const one of await answers.all()) await answers.drop(one.path);
  }
  await choices.put("who", who);
}

async function standing(screen: Screen, point: Point | null, points: Point[], me: Me | null) {
  return { point, points, tab: screen.tab, unread: me?.unread ?? 0, waiting: (await outbox.all()).length };
}

async function paint(screen: Screen, found: Answers, context: Context, moves: boolean): Promise<void> {
  around.set(await standing(screen, context.point, context.points, context.me));
  document.title = `${t(screen.title)} · ${t("app")}`;
  const held = document.activeElement?.id;
  const drawn = await screen.draw(found, context, () => void open(true));
  const clock = sameClock(context.point.zone, Intl.DateTimeFormat().resolvedOptions().timeZone)
    ? null
    : h("p", { class: "m-note" }, tell("point-clock", { zone: context.point.zone }));
  const back = screen.back?.(context);
  const title = h("h1", { class: screen.title === "overview" ? "vh" : "" }, t(screen.title));
  const head = back ? h("div", { class: "m-head" }, h("a", { class: "m-back", href: back }, `← ${t("back")}`), title) : title;
  around.main.replaceChildren(head, ...drawn.filter((one) => one !== null), ...(clock ? [clock] : []));
  if (held && held !== "main") document.getElementById(held)?.focus({ preventScroll: true });
  if (moves) {
    scrollTo(0, 0);
    if (hasMoved) around.main.focus({ preventScroll: true });
  }
  if (!performance.getEntriesByName("faza-drawn").length) performance.mark("faza-drawn");
}

function told(fresh: Got, context: Context): void {
  const problem = Object.values(fresh.answers).find((one) => one.problem && one.problem.status !== 403)?.problem;
  if (fresh.isOffline) around.say(fresh.staleAt == null ? t("offline-none") : tell("offline", { at: since(fresh.staleAt) }));
  else around.say(problem ? tell("broken", { why: problem.detail || problem.title }) : "");
  if (!fresh.isOffline && !hasWorker && context.me) {
    hasWorker = true;
    void keepUpToDate((take) => around.offer(t("new-version"), t("update"), take));
  }
}

/** Nobody, nothing to read, texts to accept, or a first start without a network. */
function noContext(base: Got): void {
  const problem: Problem | undefined = base.answers.me?.problem ?? base.answers.points?.problem;
  const words = problem
    ? problem.code === "texts-due"
      ? t("texts-due")
      : tell("broken", { why: problem.title })
    : base.isOffline
      ? t("offline-none")
      : t("no-points");
  const again = h("button", { type: "button", class: "m-btn", onclick: () => void open() }, t("retry"));
  const cabinet = problem?.code === "texts-due" ? h("a", { class: "m-btn", href: "/" }, t("cabinet")) : null;
  around.main.replaceChildren(h("h1", {}, t("overview")), empty(words), cabinet ?? again);
}

async function choosePoint(code: string): Promise<void> {
  await choices.put("point", code);
  await open();
}

let isSending = false;

/** Readings that wait are tried at each start, change of the connection, and screen. */
function afterwards(): void {
  void sendQueue().then(() => tidy());
}

async function sendQueue(): Promise<void> {
  if (isSending || isGone || !navigator.onLine) return;
  isSending = true;
  try {
    const outcomes = await flush();
    if (outcomes.some((one) => one !== "later")) await open(true);
    if (outcomes.includes("later")) await sendLater();
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    await leave();
  } finally {
    isSending = false;
  }
}

async function leave(): Promise<void> {
  if (isGone) return;
  isGone = true;
  turn += 1;
  await wipe();
  gone(place, "off");
}

/** The phone has signed out without a network: nothing is asked or shown before its key has ended. */
async function finishLeaving(): Promise<void> {
  isGone = true;
  gone(place, "later");
  await wipe();
  if (await endKey(document.body.dataset.out)) gone(place, "out");
}

let hasMoved = false;
addEventListener("hashchange", () => {
  hasMoved = true;
  void open();
});
addEventListener("online", () => void (isLeaving() ? finishLeaving() : open(true)));
addEventListener("offline", () => void open(true));
addEventListener("faza:gone", () => {
  isGone = true;
  turn += 1;
});
addEventListener("faza:again", () => void open(true));
addEventListener("faza:queue", () => void sendQueue());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void open(true);
});
new BroadcastChannel(CHANNEL).addEventListener("message", (event: MessageEvent<Said>) => {
  if (event.data === "gone" && !isGone) {
    isGone = true;
    turn += 1;
    gone(place, "off");
  } else if (event.data === "queue") void open(true);
});
performance.mark("faza-interactive");
void (isLeaving() ? finishLeaving() : open());
