/** `<b data-left="118">` counts seconds down to 0, as it stood when it arrived. */
const seen = new WeakMap<Element, number>();

export function countdowns(): void {
  setInterval(() => {
    for (const one of document.querySelectorAll<HTMLElement>("[data-left]")) {
      const until = seen.get(one) ?? performance.now() + Number(one.dataset.left) * 1000;
      seen.set(one, until);
      const left = Math.max(0, Math.round((until - performance.now()) / 1000));
      const minutes = Math.floor(left / 60);
      one.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
    }
  }, 1000);
}
