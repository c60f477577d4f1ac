/** Readings that wait on the phone: each with its state, and what the person may do about it. */
import { h, icon } from "../dom";
import { day } from "../format";
import { type Answering, confirmed, isAnswer, type Item, type Queued } from "../queue";
import { outbox } from "../store";
import type { Wanted } from "../types";
import { t, tell } from "../words";
import { editAnswer } from "./asked";
import { dialName } from "./entry";
import { doubtWords, edit } from "./entryform";

export function queueCards(queued: Item[], points: Wanted[], again: () => void): Node[] {
  if (!queued.length) return [];
  return [h("section", { class: "m-card" }, h("h2", {}, t("queued")), h("ul", { class: "m-plain" }, queued.map((one) => (isAnswer(one) ? answerRow(one, again) : row(one, points, again)))))];
}

function answerRow(one: Answering, again: () => void): Node {
  const isWaiting = one.state === "waiting";
  return h(
    "li",
    { class: one.state },
    h("span", { class: `m-sign ${isWaiting ? "info" : "warning"}` }, isWaiting ? icon("clock") : icon("alert-circle")),
    h(
      "span",
      { class: "grow" },
      h("b", {}, `${t("answer")}: ${one.name}`),
      h("span", { class: "line" }, one.text),
      h("small", {}, isWaiting ? t("queued-waiting") : tell("queued-refused", { why: one.reason ?? "" })),
      h("span", { class: "m-acts" }, press(t("edit"), async () => editAnswer(one), again), press(t("drop"), () => outbox.drop(one.id), again)),
    ),
  );
}

function press(label: string, deed: () => Promise<void>, again: () => void, quiet = true): HTMLElement {
  return h("button", { type: "button", class: `m-btn small ${quiet ? "quiet" : ""}`, onclick: () => void deed().then(again) }, label);
}

function row(one: Queued, points: Wanted[], again: () => void): Node {
  const values = one.registers.map((of) => `${dialName(of, one.registers)} ${of.value.replace(".", ",")}`.trim()).join(" · ");
  return h(
    "li",
    { class: one.state },
    h("span", { class: `m-sign ${one.state === "waiting" ? "info" : "warning"}` }, one.state === "waiting" ? icon("clock") : icon("alert-circle")),
    h(
      "span",
      { class: "grow" },
      h("b", {}, one.name),
      h("span", { class: "line" }, `${values} · ${day(localDay(one.read_at))}${one.photo ? ` · ${t("photo-alt")}` : ""}`),
      h("small", {}, words(one)),
      h("span", { class: "m-acts" }, acts(one, points, again)),
    ),
  );
}

function words(one: Queued): string {
  if (one.state === "waiting") return t("queued-waiting");
  if (one.state === "refused") return tell("queued-refused", { why: one.reason ?? "" });
  return tell("queued-doubtful", { doubts: doubtWords(one.doubts ?? []) });
}

function acts(one: Queued, points: Wanted[], again: () => void): Node[] {
  const found: Node[] = [];
  if (one.state === "doubtful") {
    const sure = async () => {
      await outbox.put(confirmed(one));
      dispatchEvent(new Event("faza:queue"));
    };
    found.push(press(t("send-sure"), sure, again, false));
  }
  // It stays here until it is sent anew under the same key: a form lives no longer than the page.
  const back = async () => edit(one);
  // A point that was closed meanwhile has no form to come back into.
  if (points.some((of) => of.usage_point === one.usage_point && of.is_open)) found.push(press(t("edit"), back, again));
  found.push(press(t("drop"), () => outbox.drop(one.id), again));
  return found;
}

/** The day by the phone's own clock: it was typed here. */
function localDay(at: string): string {
  const then = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
}
