"""What a page is for those who do not look, do not point, or wait for it: axe, Tab, bytes, shifts.

axe-core (frontend/package.json, of development only) finds what its rules call serious or critical;
`walk` presses Tab through a page; `Watched` tells how pages come: their shifts, bytes and files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.support.browser import ROOT

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
GRAVE = ("serious", "critical")
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules whose verdict a theme can change: nothing else of a page is another in the dark."""

# Before the page's own scripts. Shifts are those that nobody asked for by a key or a press.
RECORD = """
window.seen = { shift: 0, shifts: [], focused: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    seen.shift += entry.value;
    const what = entry.sources.map(({ node }) => node?.className || node?.nodeName);
    seen.shifts.push(`${entry.value.toFixed(4)}: ${what.slice(0, 4).join(", ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });

// A ring may be drawn by what holds the field, or by the label beside a hidden one.
seen.look = (element) => {
  const { parentElement: holder, nextElementSibling: beside } = element;
  return [element, beside, holder, holder?.parentElement].filter(Boolean).map((node) => {
    const style = getComputedStyle(node);
    const ring = style.outlineStyle === "none" ? "" : style.outlineWidth;
    return [ring, style.boxShadow, style.borderColor, style.backgroundColor].join();
  }).join(";");
};
document.addEventListener("focusin", ({ target }) => {
  const box = target.getBoundingClientRect();
  const inside = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
  seen.focused.push({ target, inside, look: seen.look(target) });
});
"""

STOPS = """() => {
  const stops = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
  )].filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility(
    { visibilityProperty: true }));
  // Of a group of radio buttons Tab stops at one.
  return stops.filter((one) => one.type !== "radio" || one.checked);
}"""

ROUND = """() => {
  const [first, ...rest] = seen.focused.map(({ target }) => target);
  return rest.includes(first) && new Set(rest).size > 1;
}"""

WALKED = """(stops) => {
  document.activeElement?.blur();
  const named = (one) => `<${one.nodeName.toLowerCase()} ${one.className}> ` +
    (one.getAttribute("aria-label") || one.textContent.trim() || one.name || "").slice(0, 40);
  const reached = new Set(seen.focused.map(({ target }) => target));
  const first = seen.focused[0]?.target;
  const told = {
    first: first ? named(first) : "",
    count: reached.size,
    missed: stops.filter((one) => !reached.has(one)).map(named),
    unseen: seen.focused.filter(({ inside }) => !inside).map(({ target }) => named(target)),
    ringless: seen.focused.filter(({ target, look }) => look === seen.look(target))
      .map(({ target }) => named(target)),
  };
  seen.focused.length = 0;
  return told;
}"""


# The words beside the bell come last of what every page fetches.
SETTLED = """async () => {
  const until = performance.now() + 10_000;
  const there = () => [...document.querySelectorAll(".fz-chart[data-chart]")]
    .every((chart) => performance.getEntriesByName(`faza:chart:${chart.dataset.source}`).length)
    && !document.querySelector(".htmx-request");
  while (!there() && performance.now() < until) await new Promise((go) => setTimeout(go, 20));
  await document.fonts.ready;
  await new Promise((go) => setTimeout(go, 60));
}"""


@cache
def _axe() -> str:
    assert AXE.is_file(), "axe-core is not installed: make setup"
    return AXE.read_text()


def complaints(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """Serious and critical issues that axe-core finds, with the elements; all rules or these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    told: list[dict[str, Any]] = page.evaluate(
        """async (rules) => {
          const runOnly = rules.length ? { type: "rule", values: rules } : undefined;
          const options = { resultTypes: ["violations"], ...(runOnly ? { runOnly } : {}) };
          const { violations } = await axe.run(document, options);
          return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(
            ({ html, any, all, none }) =>
              `${html.slice(0, 160)} ${[...any, ...all, ...none][0]?.message ?? ""}`) }));
        }""",
        list(rules),
    )
    return [
        f"{one['id']} ({one['impact']}, {len(one['nodes'])}): " + " | ".join(one["nodes"][:3])
        for one in told
        if one["impact"] in GRAVE
    ]


@dataclass(frozen=True)
class Walk:
    """What Tab stopped at; each list names elements."""

    first: str
    count: int
    missed: list[str]
    unseen: list[str]
    ringless: list[str]


def walk(page: Page) -> Walk:
    """Press Tab until it comes round: which stops were missed, out of sight, or without a ring."""
    stops = page.evaluate_handle(STOPS)
    page.evaluate("() => { document.activeElement?.blur(); seen.focused.length = 0; }")
    # A field of a date is several stops, and the browser adds boxes that scroll.
    for _ in range(2 + int(page.evaluate("stops => stops.length", stops)) // 4):
        for _ in range(8):
            page.keyboard.press("Tab")
        if page.evaluate(ROUND):
            break
    return Walk(**page.evaluate(WALKED, stops))


@dataclass
class Watched:
    """How the pages of a tab come, without its cache: as to one who comes for the first time."""

    page: Page
    _sizes: dict[str, float] = field(default_factory=dict)
    _files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tab = self.page.context.new_cdp_session(self.page)
        tab.send("Network.enable")
        tab.send("Network.setCacheDisabled", {"cacheDisabled": True})
        tab.on("Network.responseReceived", self._came)
        tab.on("Network.loadingFinished", self._ended)

    def _came(self, told: dict[str, Any]) -> None:
        self._files[told["requestId"]] = told["response"]["url"]

    def _ended(self, told: dict[str, Any]) -> None:
        self._sizes[told["requestId"]] = told["encodedDataLength"]

    def go(self, address: str) -> int:
        """Open a page and wait until its letters and pictures are there; its status."""
        self._sizes.clear()
        self._files.clear()
        answer = self.page.goto(address)
        self.page.evaluate(SETTLED)
        return answer.status if answer else 0

    @property
    def transferred(self) -> float:
        """Bytes that came, compressed as they came, with their headers."""
        return sum(self._sizes.values())

    @property
    def files(self) -> list[str]:
        """The last parts of the addresses that came, the largest first."""
        by_size = sorted(self._sizes, key=lambda one: -self._sizes[one])
        return [
            f"{self._files.get(one, '').rpartition('/')[2]} {self._sizes[one]:.0f}"
            for one in by_size
        ]

    @property
    def shift(self) -> float:
        """Cumulative layout shift so far."""
        return float(self.page.evaluate("seen.shift"))
