/** What stands around every screen: the point, the bell, the state of the connection, the tabs. */
import { h, icon } from "./dom";
import type { Point } from "./types";
import { t } from "./words";

const TABS: { name: string; icon: () => SVGElement }[] = [
  { name: "overview", icon: () => icon("layout-dashboard") },
  { name: "readings", icon: () => icon("gauge") },
  { name: "entry", icon: () => icon("edit") },
  { name: "events", icon: () => icon("list-details") },
  { name: "more", icon: () => icon("dots") },
];

export interface Frame {
  main: HTMLElement;
  /** The point whose screens are shown, the tab, unread notices and readings that wait. */
  set(told: { point: Point | null; points: Point[]; tab: string; unread: number; waiting: number }): void;
  /** One line about the connection; "" for none. */
  say(words: string): void;
  /** A line with a button. */
  offer(words: string, label: string, take: () => void): void;
}

export const linkOf = (name: string): string => (name === "overview" ? "#/" : `#/${name}`);

export function frame(place: HTMLElement, choose: (code: string) => void): Frame {
  const bar = h("header", { class: "m-top" });
  const status = h("p", { class: "m-status", role: "status" });
  const offers = h("div", { class: "m-offers", role: "status" });
  const main = h("main", { class: "m-main", tabindex: "-1", id: "main" });
  const nav = h("nav", { class: "m-tabs", "aria-label": t("sections") });
  place.replaceChildren(bar, offers, status, main, nav);
  status.hidden = true;
  return {
    main,
    set(told) {
      bar.replaceChildren(...top(told.point, told.points, told.unread, choose));
      nav.replaceChildren(...TABS.map((one) => tab(one, told.tab, one.name === "entry" ? told.waiting : 0)));
    },
    say(words) {
      status.hidden = !words;
      status.replaceChildren(...(words ? [icon("cloud-off"), words] : []));
    },
    offer(words, label, take) {
      const button = h("button", { type: "button", class: "m-btn small", onclick: take }, label);
      offers.replaceChildren(h("p", {}, words), button);
    },
  };
}

function tab(one: (typeof TABS)[number], current: string, many: number): HTMLElement {
  return h(
    "a",
    { href: linkOf(one.name), "aria-current": one.name === current ? "page" : null },
    one.icon(),
    t(one.name),
    many > 0 && h("em", {}, h("span", { class: "vh" }, `${t("queued")}: `), String(many)),
  );
}

function top(point: Point | null, points: Point[], unread: number, choose: (code: string) => void): HTMLElement[] {
  const bell = h(
    "a",
    { class: "m-ic", href: "#/notices" },
    icon("bell"),
    h("span", { class: "vh" }, t("notices")),
    unread > 0 && h("em", {}, unread > 99 ? "99+" : String(unread)),
  );
  if (!point) return [h("span", { class: "m-point" }, t("app")), bell];
  if (points.length < 2) return [h("span", { class: "m-point" }, icon("map-pin"), h("b", {}, nameOf(point))), bell];
  const sheet = picker(point, points, choose);
  const button = h(
    "button",
    { type: "button", class: "m-point", onclick: () => sheet.showModal(), "aria-haspopup": "dialog" },
    icon("map-pin"),
    h("b", {}, nameOf(point)),
    icon("selector"),
    h("span", { class: "vh" }, t("choose-point")),
  );
  return [h("div", { class: "m-pick" }, button, sheet), bell];
}

const nameOf = (point: Point): string => point.name || point.address || point.code;

function picker(chosen: Point, points: Point[], choose: (code: string) => void): HTMLDialogElement {
  const sheet = h("dialog", { class: "m-sheet", "aria-labelledby": "pick-title" });
  const close = () => sheet.close();
  sheet.append(
    h(
      "div",
      { class: "m-sheet-head" },
      h("h2", { id: "pick-title" }, t("points")),
      h("button", { type: "button", class: "m-ic", onclick: close }, icon("x"), h("span", { class: "vh" }, t("close"))),
    ),
    h(
      "ul",
      {},
      ...points.map((one) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              "aria-pressed": one.code === chosen.code ? "true" : "false",
              onclick: () => {
                close();
                choose(one.code);
              },
            },
            h("span", { class: "grow" }, h("b", {}, nameOf(one)), h("small", {}, one.address)),
            one.code === chosen.code && icon("check"),
          ),
        ),
      ),
    ),
  );
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) close();
  });
  return sheet;
}
