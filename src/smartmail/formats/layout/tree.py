"""XML as a tree that is bounded: elements beyond MAX_NODES of a part are not there, nor those deeper than MAX_DEPTH."""

from collections.abc import Iterator
from typing import Final

from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.xml_text import Rules, Sink, local, parse
from smartmail.formats.extract.zip_archive import Archive

MAX_NODES: Final = 250_000
MAX_DEPTH: Final = 120
_NO_RULES: Final = Rules(frozenset(), frozenset())


class Node:
    """An element: `name` without its prefix, `parts` are elements and characters in their order."""

    __slots__ = ("attributes", "name", "parts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.parts: list[Node | str] = []

    def get(self, name: str, missing: str = "") -> str:
        """Return an attribute, whatever its prefix."""
        value = self.attributes.get(name)
        if value is not None:
            return value
        return next((each for key, each in self.attributes.items() if local(key) == name), missing)

    def relation(self) -> str:
        """Return the name of what another part is called here: an attribute with a prefix (r:id, r:embed)."""
        names = {"id", "embed", "pict"}
        return next((each for key, each in self.attributes.items() if ":" in key and local(key) in names), "")

    def nodes(self, *names: str) -> Iterator["Node"]:
        """Give the elements right inside, of these names if any."""
        return (part for part in self.parts if isinstance(part, Node) and (not names or part.name in names))

    def find(self, *path: str) -> "Node":
        """Return the first element of a path; an empty one where there is none."""
        at = self
        for name in path:
            at = next(at.nodes(name), NOTHING)
        return at

    def every(self, *names: str) -> Iterator["Node"]:
        """Give the elements of these names at any depth, in their order."""
        todo = list(self.nodes())[::-1]
        while todo:
            node = todo.pop()
            if node.name in names:
                yield node
            todo += list(node.nodes())[::-1]

    def text(self) -> str:
        """Return the characters right inside."""
        return "".join(part for part in self.parts if isinstance(part, str))

    def __bool__(self) -> bool:
        return self is not NOTHING


NOTHING: Final = Node("", {})
"""The one element that is false: there is none."""


class _Full(Exception):
    """The tree is as large as it may be."""


class _Grower(Sink):
    def __init__(self, out: Out) -> None:
        super().__init__(out, _NO_RULES)
        self.root = Node("", {})
        self._open = [self.root]
        self._deeper = 0
        self._nodes = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._deeper or len(self._open) > MAX_DEPTH:
            self._deeper += 1
            self.out.note("limits")
            return
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Full
        node = Node(local(tag), attributes)
        self._open[-1].parts.append(node)
        self._open.append(node)

    def end(self, tag: str) -> None:
        if self._deeper:
            self._deeper -= 1
        else:
            self._open.pop()

    def characters(self, text: str) -> None:
        if not self._deeper:
            self._open[-1].parts.append(text)


def part(out: Out, archive: Archive, name: str) -> Node:
    """Return the root element of a part of a package; an empty one where there is none. Of a damaged part what came
    before the damage. Raises Enough.
    """
    member = archive.find(name)
    if member is None:
        return NOTHING
    grower = _Grower(out)
    try:
        parse(archive.pieces(out, member), grower)
    except _Full:
        out.note("limits")
    except Unreadable as error:
        out.note(error.problem)
    return next(grower.root.nodes(), NOTHING)


def relations(out: Out, archive: Archive, name: str) -> dict[str, str]:
    """Return relation id → name of a part of this package; what lies elsewhere is left out. Raises Enough."""
    folder, _, file = name.rpartition("/")
    found = {}
    for node in part(out, archive, f"{folder}/_rels/{file}.rels").nodes("Relationship"):
        if node.get("TargetMode").lower() != "external":
            found[node.get("Id")] = _joined(folder, node.get("Target"))
    return found


def _joined(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)
