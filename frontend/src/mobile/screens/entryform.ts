/** The form of one meter: its registers, a photo, what is odd about the values, sending. */
import { h, icon } from "../dom";
import { amount, number, typed, unitName } from "../format";
import { fits, judge } from "../judge";
import { MOST, smaller } from "../photo";
import type { Queued } from "../queue";
import { outbox } from "../store";
import type { Dial, Wanted } from "../types";
import { t, tell } from "../words";
import { dialName, windowOf } from "./entry";

/** What was typed and not sent yet: a screen may be drawn anew meanwhile. */
interface Draft {
  id: string;
  texts: Record<string, string>;
  /** Doubts that were shown; sending once more confirms them. */
  sure: string[];
  photo?: Blob;
}

const drafts = new Map<string, Draft>();
const keyOf = (dial: Dial): string => `${dial.channel}.${dial.tariff}`;

export function draftOf(point: string): Draft {
  const found = drafts.get(point) ?? { id: fresh(), texts: {}, sure: [] };
  drafts.set(point, found);
  return found;
}

/** A reading that was refused comes back into its form, by the key it has. */
export function edit(one: Queued): void {
  const texts = Object.fromEntries(one.registers.map((of) => [`${of.channel}.${of.tariff}`, of.value]));
  drafts.set(one.usage_point, { id: one.id, texts, sure: [], photo: one.photo });
}

/** Whether a reading that was kept is in its form again. */
export const isEdited = (one: Queued): boolean => drafts.get(one.usage_point)?.id === one.id;

/** A name of the deed: 128 bits of chance. */
export function fresh(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export function form(one: Wanted, again: () => void): HTMLElement {
  const draft = draftOf(one.usage_point);
  const fields = one.registers.map((dial) => field(one, dial, draft));
  const said = h("p", { class: "m-error", role: "alert" }, doubtWords(draft.sure));
  const button = h("button", { type: "submit", class: "m-btn wide" }, t(draft.sure.length ? "send-sure" : "send"));
  const made = h(
    "form",
    { class: "m-card m-entry", novalidate: true },
    h("h2", {}, one.name),
    h("p", { class: "m-under" }, one.meter ? tell("meter", { number: one.meter }) : "", h("span", {}, windowOf(one))),
    ...fields.map((of) => of.place),
    photoOf(one, draft, again),
    said,
    button,
    h("p", { class: "m-note" }, t("offline-note")),
  );
  made.addEventListener("input", () => {
    said.textContent = "";
    button.textContent = t("send");
  });
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit(one, draft, fields, { said, button, again });
  });
  return made;
}

interface Field {
  place: HTMLElement;
  input: HTMLInputElement;
  dial: Dial;
  /** Looks at the value; false where it is none. */
  check(): boolean;
}

function field(one: Wanted, dial: Dial, draft: Draft): Field {
  const id = `r-${one.usage_point}-${keyOf(dial)}`.replace(/[^\w-]/g, "_");
  const verdict = h("p", { class: "m-hint", id: `${id}-hint` });
  const input = h("input", {
    id, type: "text", inputmode: "decimal", autocomplete: "off", enterkeyhint: "done",
    "aria-describedby": `${id}-hint`, value: draft.texts[keyOf(dial)] ?? "",
  });
  const show = () => {
    const value = typed(input.value);
    verdict.className = "m-hint";
    input.removeAttribute("aria-invalid");
    if (value === null || !fits(value, dial)) {
      verdict.textContent = one.registers.length > 1 ? tell("black-digits", { unit: unitName(dial.unit) }) : "";
      return;
    }
    verdict.replaceChildren(...hint(Number(value), dial));
    if (judge(Number(value), dial).doubts.length) verdict.classList.add("warn");
  };
  input.addEventListener("input", () => {
    draft.texts[keyOf(dial)] = input.value;
    draft.sure = [];
    show();
  });
  show();
  const name = one.registers.length > 1 ? dialName(dial, one.registers) : tell("black-digits", { unit: unitName(dial.unit) });
  const was = dial.last == null ? "" : tell("was", { value: number(dial.last, dial.decimals) });
  return {
    place: h("div", { class: "m-field" }, h("label", { for: id }, h("span", {}, name), h("small", {}, was)), input, verdict),
    input,
    dial,
    check() {
      const value = typed(input.value);
      if (value !== null && fits(value, dial)) return true;
      input.setAttribute("aria-invalid", "true");
      verdict.className = "m-hint bad";
      verdict.textContent = value === null ? t("not-a-number") : tell("not-on-face", { digits: dial.digits, decimals: dial.decimals });
      return false;
    },
  };
}

function hint(value: number, dial: Dial): (Node | string)[] {
  const found = judge(value, dial);
  const parts: (Node | string)[] = [];
  if (found.counted != null) parts.push(tell("since-last", { amount: amount(found.counted, dial.unit, dial.decimals) }));
  const [doubt] = found.doubts;
  if (doubt) parts.push(parts.length ? " · " : "", h("b", {}, t(`doubt-${doubt}`)));
  else if (dial.usual && found.counted != null) parts.push(` · ${t("usual")}`);
  if (doubt && dial.usual) {
    const [low, high] = [dial.usual.low, dial.usual.high].map((one) => number(one, 0));
    parts.push(` (${tell("usual-band", { low: low!, high: high! })})`);
  }
  return parts;
}

function photoOf(one: Wanted, draft: Draft, again: () => void): HTMLElement {
  const id = `photo-${one.usage_point}`;
  const input = h("input", { type: "file", id, class: "vh", accept: "image/*", capture: "environment" });
  const said = h("p", { class: "m-error", role: "alert" });
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    const photo = await smaller(file);
    if (photo.size > MOST) {
      said.textContent = t("photo-large");
      return;
    }
    draft.photo = photo;
    again();
  });
  const label = h("label", { class: "m-btn quiet wide", for: id }, icon("camera"), t(draft.photo ? "photo-again" : "photo"));
  return h("div", { class: "m-photo" }, draft.photo && preview(draft, again), input, label, said);
}

function preview(draft: Draft, again: () => void): HTMLElement {
  const address = URL.createObjectURL(draft.photo!);
  const shown = h("img", { src: address, alt: t("photo-alt"), onload: () => URL.revokeObjectURL(address) });
  const drop = h("button", { type: "button", class: "m-btn quiet small" }, t("photo-drop"));
  drop.addEventListener("click", () => {
    draft.photo = undefined;
    again();
  });
  return h("div", { class: "m-preview" }, shown, drop);
}

/** What is odd, each once: of `channel.tariff.doubt`. */
export function doubtWords(doubts: string[]): string {
  return [...new Set(doubts.map((doubt) => t(`doubt-${doubt.split(".").pop()}`)))].join(". ");
}

async function submit(
  one: Wanted,
  draft: Draft,
  fields: Field[],
  around: { said: HTMLElement; button: HTMLElement; again: () => void },
): Promise<void> {
  const wrong = fields.filter((of) => !of.check());
  if (wrong.length) {
    wrong[0]!.input.focus();
    return;
  }
  if (one.wants_photo && !draft.photo) {
    around.said.textContent = t("photo-wanted");
    return;
  }
  const doubts = fields.flatMap((of) =>
    judge(Number(typed(of.input.value)), of.dial).doubts.map((doubt) => `${keyOf(of.dial)}.${doubt}`),
  );
  if (doubts.some((doubt) => !draft.sure.includes(doubt))) {
    draft.sure = doubts;
    around.said.textContent = doubtWords(doubts);
    around.button.textContent = t("send-sure");
    return;
  }
  await outbox.put({
    id: draft.id,
    usage_point: one.usage_point,
    name: one.name,
    meter: one.meter ?? "",
    registers: fields.map((of) => ({ channel: of.dial.channel, tariff: of.dial.tariff, value: typed(of.input.value)! })),
    read_at: new Date().toISOString(),
    state: "waiting",
    sure: draft.sure,
    photo: draft.photo,
  });
  drafts.delete(one.usage_point);
  dispatchEvent(new Event("faza:queue"));
  around.again();
}
