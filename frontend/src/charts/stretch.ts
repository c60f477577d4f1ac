/** Links about the stretch that a chart shows, `<a data-stretch href="…?from=…&to=…">`. */
import { wallOf } from "./wallclock";

/** `2026-11-17T20:00` by the clock on the wall: as a form's field of a moment wants it. */
export const typed = (instant: number, zone: string): string =>
  new Date(wallOf(instant, zone)).toISOString().slice(0, 16);

/** Let them lead to the stretch on show, so that what was zoomed into is what is asked about. */
export function follow(zone: string, from: number, to: number): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-stretch]")) {
    const address = new URL(link.href);
    address.searchParams.set("from", typed(from, zone));
    address.searchParams.set("to", typed(to, zone));
    link.href = address.href;
  }
}
