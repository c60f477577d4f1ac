/**
 * Explanations: `<a data-sheet="ID" href="…">` opens `<dialog id="ID" class="sheet">`;
 * `<a data-sheet-from="SELECTOR" href="…">` opens a dialog with that part of the page it leads to.
 * Without a script both lead where their href says. `[data-close]` and a press on the veil close.
 */
export function sheets(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const plain = event.ctrlKey || event.metaKey || event.shiftKey;
    const opener = plain ? null : target.closest<HTMLElement>("[data-sheet]");
    if (opener) {
      const sheet = document.getElementById(opener.dataset.sheet ?? "");
      if (sheet instanceof HTMLDialogElement) {
        event.preventDefault();
        sheet.showModal();
      }
      return;
    }
    const link = plain ? null : target.closest<HTMLAnchorElement>("a[data-sheet-from]");
    if (link) {
      event.preventDefault();
      void bring(link);
      return;
    }
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    else if (target instanceof HTMLDialogElement) target.close();
  });
}

/** Show a part of the page that a link leads to; where it does not come, follow the link. */
async function bring(link: HTMLAnchorElement): Promise<void> {
  link.setAttribute("aria-busy", "true");
  const part = await fetched(link.href, link.dataset.sheetFrom ?? "");
  link.removeAttribute("aria-busy");
  if (!part) {
    location.assign(link.href);
    return;
  }
  const sheet = document.createElement("dialog");
  sheet.className = "sheet";
  const heading = document.createElement("h2");
  heading.textContent = link.title || link.dataset.sheetTitle || link.textContent;
  sheet.setAttribute("aria-label", heading.textContent ?? "");
  sheet.append(heading, part);
  document.body.append(sheet);
  sheet.addEventListener("close", () => {
    sheet.remove();
    link.focus();
  });
  sheet.showModal();
}

async function fetched(address: string, selector: string): Promise<Element | null> {
  try {
    const response = await fetch(address);
    if (!response.ok) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector(selector);
  } catch {
    return null;
  }
}
