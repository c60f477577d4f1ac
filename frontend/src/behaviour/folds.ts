/** The tree of points is rendered open; where it would push the page down, it starts folded. */
const wide = matchMedia("(min-width: 1024px)");

/** What the reader last did with it: a tree that arrives anew stays as the old one was. */
let unfolded = false;

/** Fold or unfold the trees under a node, one that has just arrived too. */
export function fold(root: ParentNode): void {
  for (const tree of root.querySelectorAll<HTMLDetailsElement>("details.tree-fold")) {
    tree.open = wide.matches || unfolded;
    tree.dataset.settled = "yes"; // from now on what is in it shows (explorer.css)
    tree.querySelector("summary")?.addEventListener("click", () => (unfolded = !tree.open));
  }
}

export function folds(): void {
  fold(document);
  wide.addEventListener("change", () => fold(document));
}
