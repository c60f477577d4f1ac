/**
 * Readings and answers that were typed and wait to be sent: each has a key of its own, by which the server
 * takes it once, however often it arrives. Pure but for the `Desk` it is given.
 */
import type { Problem } from "./types";

export interface Typed {
  channel: string;
  tariff: number;
  value: string;
}

/** waiting: to be sent. doubtful: the sender is asked. refused: told why, and may be edited. */
export interface Queued {
  id: string;
  usage_point: string;
  name: string;
  meter: string;
  registers: Typed[];
  read_at: string;
  state: "waiting" | "doubtful" | "refused";
  /** Doubts that the sender has confirmed already, `channel.tariff.doubt`. */
  sure: string[];
  photo?: Blob;
  /** The server's name of the photo, once it is there; its own key changes if it is sent anew. */
  held?: string;
  photoTries?: number;
  confirm?: string;
  doubts?: string[];
  reason?: string;
}

/** An answer to what the desk asks about the reading of number `answers`; read_at: when it was written. */
export interface Answering {
  id: string;
  answers: number;
  name: string;
  read_at: string;
  text: string;
  state: "waiting" | "refused";
  reason?: string;
}

export type Item = Queued | Answering;
export const isReading = (one: Item): one is Queued => !("answers" in one);
export const isAnswer = (one: Item): one is Answering => "answers" in one;

export interface Desk {
  all(): Promise<Item[]>;
  get(id: string): Promise<Item | undefined>;
  put(one: Item): Promise<void>;
  drop(id: string): Promise<void>;
  /** Raises whatever `fetch` raises where nobody is reached. */
  post(path: string, body: unknown, key: string): Promise<{ status: number; body: unknown }>;
}

export type Outcome = "sent" | "later" | "doubtful" | "refused";
const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Sends all that waits, in the order it was typed. Stops where nobody is reached. */
export async function deliver(desk: Desk): Promise<Outcome[]> {
  const told: Outcome[] = [];
  const waiting = (await desk.all()).filter((one) => one.state === "waiting");
  waiting.sort((one, other) => one.read_at.localeCompare(other.read_at));
  for (const one of waiting) {
    const outcome = await (isAnswer(one) ? deliverAnswer(desk, one) : deliverOne(desk, one));
    told.push(outcome);
    if (outcome === "later") break;
  }
  return told;
}

/** Sends one; may be interrupted anywhere and begun again. */
export async function deliverOne(desk: Desk, queued: Queued): Promise<Outcome> {
  let one = queued;
  if (one.photo && !one.held) {
    const form = new FormData();
    form.append("photo", one.photo, "meter.jpg");
    const got = await desk.post("entry/photos", form, `${one.id}-photo-${one.photoTries ?? 0}`);
    if (got.status !== 201) return put(desk, one, got);
    one = { ...one, held: (got.body as { photo: string }).photo };
    await desk.put(one);
  }
  const got = await desk.post(`usage-points/${encodeURIComponent(one.usage_point)}/entry`, bodyOf(one), one.id);
  if (got.status === 201) {
    await desk.drop(one.id);
    return "sent";
  }
  const problem = got.body as Problem | null;
  if (problem?.code === "doubtful" && problem.confirm && problem.confirm !== one.confirm) {
    const doubts = doubtsOf(problem);
    const known = doubts.every((doubt) => one.sure.includes(doubt));
    const asked: Queued = { ...one, confirm: problem.confirm, doubts, state: known ? "waiting" : "doubtful" };
    await desk.put(asked);
    return known ? deliverOne(desk, asked) : "doubtful";
  }
  if (one.held && one.photo && problem?.errors?.some((wrong) => wrong.field === "photo") && !one.photoTries) {
    // The server keeps a photo for a day only: it is sent once more, by a key of its own.
    const again: Queued = { ...one, held: undefined, photoTries: 1 };
    await desk.put(again);
    return deliverOne(desk, again);
  }
  return put(desk, one, got);
}

async function deliverAnswer(desk: Desk, one: Answering): Promise<Outcome> {
  const got = await desk.post(`entry/sent/${one.answers}/answer`, { text: one.text }, one.id);
  if (got.status !== 201) return put(desk, one, got);
  await desk.drop(one.id);
  return "sent";
}

/** What a reading is sent as. The same one is always the same text. */
export function bodyOf(one: Queued): unknown {
  return {
    registers: one.registers,
    read_at: one.read_at,
    photo: one.held ?? null,
    confirm: one.confirm ?? null,
  };
}

/** `channel.tariff.doubt` of each doubt. */
export function doubtsOf(problem: Problem): string[] {
  return (problem.doubts ?? []).flatMap((of) => of.doubts.map((doubt) => `${of.channel}.${of.tariff}.${doubt}`));
}

/** The sender has looked at the doubts and stands by the values. */
export function confirmed(one: Queued): Queued {
  return { ...one, state: "waiting", sure: [...new Set([...one.sure, ...(one.doubts ?? [])])] };
}

async function put(desk: Desk, one: Item, got: { status: number; body: unknown }): Promise<Outcome> {
  const problem = got.body as Problem | null;
  if (LATER.has(got.status) || problem?.code === "under-way") return "later";
  await desk.put({ ...one, state: "refused", reason: reasonOf(problem) });
  return "refused";
}

function reasonOf(problem: Problem | null): string {
  if (!problem) return "";
  const reasons = (problem.errors ?? []).map((wrong) => wrong.reason);
  return [problem.detail || problem.title, ...new Set(reasons)].filter(Boolean).join(" ");
}
