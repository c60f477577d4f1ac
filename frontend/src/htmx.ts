/** htmx under a strict Content-Security-Policy: no eval, no injected style. */
import htmx from "htmx.org";

export function startHtmx(arrived: (root: ParentNode) => void): void {
  htmx.config.includeIndicatorStyles = false;
  htmx.config.allowEval = false;
  // Script tags stay allowed: the data blocks of charts are such. Code in one is refused by the
  // Content-Security-Policy.
  htmx.config.selfRequestsOnly = true;
  // A cached fragment would be a page of another day's data; Back asks the server.
  htmx.config.historyCacheSize = 0;
  htmx.config.refreshOnHistoryMiss = true;
  htmx.onLoad((element) => {
    const parent = (element as Element).parentNode;
    if (parent) arrived(parent as unknown as ParentNode);
  });
}
