"""Paths to nodes: those that are there, those to be made, those that are mistaken for others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from faza.collection.grid.look_alikes import is_suspicious, mended, squeezed
from faza.collection.grid.plan import NewNode, NodeKey, Place
from faza.collection.grid.scope import Node

KINDS: tuple[tuple[str, str], ...] = (
    ("entrance", r"подъезд|под\."),
    (
        "organisation",
        r"ао|ооо|оао|пао|зао|муп|гуп|рэс|.* рэс|пэс|филиал|участок|снт|тсн|тсж|сети|.*энерго",
    ),
    ("feeder", r"ф|фидер|кл|вл|влз|лэп|отпайка|квл|л"),
    ("switchboard", r"ру|вру|грщ|щр|щу|щэ|що|шру|срш|щит|яч|ячейка|секция|сш|\d+ ?сш|шкаф|щап"),
    ("transformer_substation", r"тп|ктп|бктп|мтп|стп|рп|ртп|гктп|зтп|ктпн|ктпм"),
    ("substation", r"пс|подстанция|грп|гпп|цп|рпп"),
    ("building", r"дом|д|ул|улица|корпус|здание|пер|просп|пр|мкд|ж/д|школа|гаражи?"),
)  # fmt: skip
"""First words of names, and the kind of place they tell of. Practice of names in the field."""

_PATTERNS = [
    (kind, re.compile(rf"(?:\d+ )?(?:{words})(?![а-яё])", re.IGNORECASE)) for kind, words in KINDS
]


def kind_of(name: str) -> str:
    """The kind of place that a name tells of: ТП-403 is a transformer substation."""
    bare = name.strip('«»" ')
    for kind, pattern in _PATTERNS:
        if pattern.match(bare):
            return kind
    return "other"


class Outside(Exception):
    """The path leads out of what the person works in."""


class Ambiguous(Exception):
    """Several nodes have the same name in one place; which name, is told."""


class Places:
    """The network a person sees, with the nodes that a file adds."""

    def __init__(
        self, nodes: Iterable[Node], own: set[int], *, everywhere: bool, base: int | None
    ) -> None:
        self.own, self.everywhere = own, everywhere
        self.by_id = {node.id: node for node in nodes}
        self.base = base if base in self.by_id else None
        self.new: dict[NodeKey, NewNode] = {}
        self._children: dict[tuple[int | None, str], list[int]] = defaultdict(list)
        self._alike: dict[tuple[int | None, str], set[str]] = defaultdict(set)
        self._written: Counter[tuple[NodeKey, str]] = Counter()
        self._spelled: dict[tuple[NodeKey, str], set[str]] = defaultdict(set)
        for node in self.by_id.values():
            self._children[node.parent_id, node.name].append(node.id)
            self._alike[node.parent_id, squeezed(node.name)].add(node.name)

    def walk(self, names: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
        """The node that a path leads to as far as there is one, and the names left over.

        Raises Outside and Ambiguous. None: it begins with a root that there is not.
        """
        at, left = self._start(names)
        while left:
            children = self._children.get((at, left[0]), [])
            if len(children) > 1:
                raise Ambiguous(left[0])
            if not children:
                break
            at, left = children[0], left[1:]
        if at is None:
            if not self.everywhere:
                raise Outside
        elif at not in self.own and not self.everywhere:
            raise Outside
        return at, left

    def _start(self, names: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
        """Where a path begins: at a root, or else at the base, which it may name."""
        if (None, names[0]) in self._children:
            return None, names
        if self.base is not None:
            base = self.by_id[self.base]
            return base.id, names[1:] if names[0] == base.name else names
        return None, names

    def key_of(self, node: int | None) -> NodeKey:
        """The names from the root down to a node."""
        names: list[str] = []
        while node is not None and node in self.by_id:
            names.append(self.by_id[node].name)
            node = self.by_id[node].parent_id
        return tuple(reversed(names))

    def note(self, names: tuple[str, ...], count: int) -> None:
        """Remember how a file writes names that there are not: the commoner spelling is right."""
        try:
            at, left = self.walk(names)
        except (Outside, Ambiguous):
            return
        key = self.key_of(at)
        for name in left:
            self._written[key, name] += count
            self._spelled[key, squeezed(name)].add(name)
            key = (*key, squeezed(name))

    def resolve(self, names: tuple[str, ...], kind: str | None) -> Place:
        """The place of a path; what is not there yet is remembered to be made."""
        at, left = self.walk(names)
        key, parent = self.key_of(at), at
        parent_key: NodeKey | None = None
        for depth, name in enumerate(left):
            key = (*key, name)
            if key not in self.new:
                guessed = kind if kind and depth == len(left) - 1 else kind_of(name)
                self.new[key] = NewNode(key, name, guessed, parent, parent_key)
            parent, parent_key = None, key
        return Place(at if not left else None, key)

    def mistaken(self, names: tuple[str, ...]) -> tuple[str, str, str] | None:
        """What is odd about names that there are not: code, name, the path as it was meant."""
        at, left = self.walk(names)
        known = len(names) - len(left)
        key = self.key_of(at)
        parent: int | None = at
        is_real = True
        for n, name in enumerate(left):
            seen = squeezed(name)
            meant = self._alike.get((parent, seen), set()) if is_real else set()
            code = "node-look-alike" if is_suspicious(name) else "node-like"
            if meant:
                right = min(meant)
                return (
                    code,
                    right if code == "node-like" else name,
                    self._with(names, known + n, right),
                )
            right = self._commonest(key, seen)
            if right != name and not is_suspicious(right):
                return (
                    code,
                    right if code == "node-like" else name,
                    self._with(names, known + n, right),
                )
            if code == "node-look-alike":
                return code, name, self._with(names, known + n, mended(name))
            key, is_real = (*key, seen), False
        return None

    def _commonest(self, key: NodeKey, seen: str) -> str:
        spelled = self._spelled.get((key, seen), set())
        return max(
            sorted(spelled),
            key=lambda name: (not is_suspicious(name), self._written[key, name]),
            default="",
        )

    def _with(self, names: tuple[str, ...], place: int, name: str) -> str:
        return "\\".join((*names[:place], name, *names[place + 1 :]))
