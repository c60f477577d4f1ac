/**
 * What scrolls aside can be scrolled by keys: a table wider than its place is a stop of Tab, with
 * the name of its caption or of the heading before it. One that fits is none.
 */
const AREAS = ".tb-x, .scroll, .scroll-x, .rq-mail";
const WITHIN = "a[href], button, input, select, textarea, summary";

const watch = new ResizeObserver((changes) => {
  for (const { target } of changes) settle(target as HTMLElement);
});

export function scrollers(root: ParentNode): void {
  for (const area of root.querySelectorAll<HTMLElement>(AREAS)) watch.observe(area);
}

function settle(area: HTMLElement): void {
  const wide = area.scrollWidth > area.clientWidth + 1 || area.scrollHeight > area.clientHeight + 1;
  // What is disabled, hidden, or not shown on this width is no stop.
  const stops = [...area.querySelectorAll<HTMLElement>(WITHIN)];
  const reached = stops.some(
    (one) => !one.matches(":disabled") && one.checkVisibility({ visibilityProperty: true }),
  );
  if (wide && !reached) {
    area.tabIndex = 0;
    area.setAttribute("role", "region");
    area.setAttribute("aria-label", nameOf(area));
  } else if (area.tabIndex === 0) {
    for (const name of ["tabindex", "role", "aria-label"]) area.removeAttribute(name);
  }
}

function nameOf(area: HTMLElement): string {
  const heading =
    area.querySelector("caption") ??
    area.closest(".card, section, details")?.querySelector("h2, h3, summary") ??
    document.querySelector("h1");
  return heading?.textContent?.trim() ?? "";
}
