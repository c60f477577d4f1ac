/** Elements made by functions: text is always text, never markup. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;
const SVG = "http://www.w3.org/2000/svg";

/** An element. `onclick` and its like are listeners; true is an attribute without a value. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  put(made, attributes);
  made.append(...here(children));
  return made;
}

/** An element of a picture. */
export function s(tag: string, attributes: Attributes = {}, ...children: (Child | Child[])[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  put(made, attributes);
  made.append(...here(children));
  return made;
}

/** One of the sprite's icons, for the eye only: words stand beside it. */
export function icon(name: string): SVGElement {
  const href = `${document.body.dataset.icons ?? ""}#${name}`;
  return s("svg", { class: "ti", "aria-hidden": "true", focusable: "false" }, s("use", { href }));
}

function put(made: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
}

function here(children: (Child | Child[])[]): (Node | string)[] {
  return children.flat().filter((one): one is Node | string => one != null && one !== false && one !== "");
}
