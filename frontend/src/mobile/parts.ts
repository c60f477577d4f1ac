/** Parts that several screens are made of. */
import { h, icon } from "./dom";
import { percent } from "./format";
import type { Counted } from "./types";
import { t, tell } from "./words";

type Child = Node | string | null | undefined | false;

export function card(title: string | null, ...children: (Child | Child[])[]): HTMLElement {
  return h("section", { class: "m-card" }, title && h("h2", {}, title), ...children);
}

export const lead = (...children: (Child | Child[])[]): HTMLElement => h("p", { class: "m-lead" }, ...children);

export function empty(words: string): HTMLElement {
  return h("p", { class: "m-empty" }, words);
}

/** How complete a number is: always beside it. */
export function completeness(of: Counted): HTMLElement {
  const share = of.completeness;
  const state = share == null ? "none" : share >= 1 ? "good" : "warn";
  const words = share == null ? t("no-data") : percent(share);
  const estimated = of.estimated_share ? ` · ${tell("estimated-share", { share: percent(of.estimated_share) })}` : "";
  return h(
    "span",
    { class: `m-pill ${state}` },
    state === "good" ? icon("circle-check") : icon("alert-circle"),
    h("span", { class: "vh" }, `${t("complete")}: `),
    words + estimated,
  );
}

/** A row of a list that leads somewhere. */
export function linked(href: string, name: string, title: string, note: string): HTMLElement {
  return h(
    "a",
    { class: "m-row", href },
    named(name),
    h("span", { class: "grow" }, h("b", {}, title), note && h("small", {}, note)),
    icon("chevron-right"),
  );
}

/** Icons by what they are for: each is written out, so that the sprite holds it. */
function named(name: string): SVGElement {
  const known: Record<string, () => SVGElement> = {
    entry: () => icon("edit"),
    history: () => icon("history"),
    network: () => icon("wave-sine"),
    notices: () => icon("bell"),
    settings: () => icon("settings"),
    meter: () => icon("gauge"),
    cabinet: () => icon("external-link"),
  };
  return (known[name] ?? known.meter!)();
}

export interface Column {
  name: string;
  isNumber?: boolean;
}

/** A table; a cell may be a node. The first cell of a row names it. */
export function table(caption: string, columns: Column[], rows: (Child | string)[][]): HTMLElement {
  const kind = (place: number) => (columns[place]?.isNumber ? "num" : null);
  return h(
    "table",
    { class: "m-table" },
    h("caption", { class: "vh" }, caption),
    h("thead", {}, h("tr", {}, columns.map((one, place) => h("th", { scope: "col", class: kind(place) }, one.name)))),
    h(
      "tbody",
      {},
      rows.map((cells) =>
        h(
          "tr",
          {},
          cells.map((cell, place) =>
            place === 0 ? h("th", { scope: "row" }, cell) : h("td", { class: kind(place) }, cell),
          ),
        ),
      ),
    ),
  );
}

/** One of several, at once. */
export function segment(
  name: string,
  choices: { value: string; label: string }[],
  chosen: string,
  choose: (value: string) => void,
): HTMLElement {
  return h(
    "div",
    { class: "m-seg", role: "group", "aria-label": name },
    choices.map((one) =>
      h(
        "button",
        { type: "button", "aria-pressed": one.value === chosen ? "true" : "false", onclick: () => choose(one.value) },
        one.label,
      ),
    ),
  );
}

/** A period with the one before and after it. */
export function stepper(words: string, before: string | null, after: string | null): HTMLElement {
  const step = (href: string | null, label: string, way: () => SVGElement) =>
    href
      ? h("a", { class: "m-step", href, "aria-label": label }, way())
      : h("span", { class: "m-step off", "aria-hidden": "true" }, way());
  return h(
    "div",
    { class: "m-stepper" },
    step(before, t("earlier"), () => icon("chevron-left")),
    h("b", {}, words),
    step(after, t("later"), () => icon("chevron-right")),
  );
}
