/**
 * `<a data-copy="WORDS" href="…">` puts its address on the clipboard and says WORDS for a moment.
 * Where there is no clipboard (an insecure address, an old browser) the link leads where it says.
 */
const MOMENT = 2000;

export function copies(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-copy]");
    if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigator.clipboard.writeText(link.href).then(
      () => tell(link),
      () => location.assign(link.href),
    );
  });
}

function tell(link: HTMLAnchorElement): void {
  const words = link.querySelector("span");
  const usual = words?.textContent;
  if (!words || usual === link.dataset.copy) return;
  words.textContent = link.dataset.copy ?? "";
  setTimeout(() => (words.textContent = usual ?? ""), MOMENT);
}
