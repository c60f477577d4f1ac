/** A question of the desk about a reading, and the field for its answer. */
import { h } from "../dom";
import { day } from "../format";
import type { Answering } from "../queue";
import { outbox } from "../store";
import type { Sent } from "../types";
import { t, tell } from "../words";
import { fresh } from "./entryform";

const LONGEST = 1000;
/** What was typed and not sent yet, by the reading: a screen may be drawn anew meanwhile. */
const drafts = new Map<number, { id: string; text: string }>();

/** An answer that was refused comes back into its field, by the key it has. */
export function editAnswer(one: Answering): void {
  drafts.set(one.answers, { id: one.id, text: one.text });
}

export const isAnswerEdited = (one: Answering): boolean => drafts.get(one.answers)?.id === one.id;

export function question(one: Sent, name: string, again: () => void): Node {
  const asked = [...one.words].reverse().find((word) => word.kind === "question");
  const draft = drafts.get(one.id) ?? { id: fresh(), text: "" };
  drafts.set(one.id, draft);
  const id = `a-${one.id}`;
  const said = h("p", { class: "m-error", role: "alert" });
  const input = h("textarea", { id, rows: 3, maxlength: LONGEST });
  input.value = draft.text;
  input.addEventListener("input", () => {
    draft.text = input.value;
    said.textContent = "";
  });
  const made = h(
    "form",
    { class: "m-card m-entry", novalidate: true },
    h("h2", {}, t("question")),
    h("p", { class: "m-under" }, tell("question-of", { name, day: day(one.read_at) })),
    asked && h("blockquote", { class: "m-quote" }, asked.text),
    h("div", { class: "m-field" }, h("label", { for: id }, h("span", {}, t("answer"))), input),
    said,
    h("button", { type: "submit", class: "m-btn wide" }, t("answer-send")),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = draft.text.trim();
    if (!text) {
      said.textContent = t("answer-empty");
      input.focus();
      return;
    }
    void keep({ id: draft.id, answers: one.id, name, read_at: new Date().toISOString(), text, state: "waiting" }, again);
  });
  return made;
}

async function keep(one: Answering, again: () => void): Promise<void> {
  await outbox.put(one);
  drafts.delete(one.answers);
  dispatchEvent(new Event("faza:queue"));
  again();
}
