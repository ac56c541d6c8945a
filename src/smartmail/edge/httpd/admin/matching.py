"""Which operation a path means. A tree of path parts; a part in braces takes anything but nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.edge.httpd.admin.operation import ROOT, Operation

_PLACE: Final = "{}"


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)


class Matcher:
    """Finds operations by method and path."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._root = _Node()
        for one in operations:
            node = self._root
            for part in one.path.strip("/").split("/"):
                node = node.children.setdefault(_PLACE if part.startswith("{") else part, _Node())
            if one.method in node.operations:
                raise ValueError(f"two operations: {one.method} {one.path}")
            node.operations[one.method] = one

    def find(self, path: str) -> tuple[dict[str, Operation], list[str]] | None:
        """Return the operations of a path by method, and what stands in the places; None when there are none."""
        if not path.startswith(f"{ROOT}/"):
            return None
        node, places = self._root, []
        for part in path.removeprefix(f"{ROOT}/").split("/"):
            following = node.children.get(part) if part != _PLACE else None
            if following is None and part and _PLACE in node.children:
                following = node.children[_PLACE]
                places.append(part)
            if following is None:
                return None
            node = following
        return (node.operations, places) if node.operations else None
