"""What styles of OpenDocument (ISO/IEC 26300, ODF 1.3 part 3 §16, §17) say of characters, paragraphs, cells, boxes and lists.

A style is a chain of its parents; properties of all of them are merged as they are written, and read only then: a share
of a size is one of the size above it. Hangul has looks of its own beside those of Latin letters (`-asian`).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from smartmail.formats.extract.xml_text import local
from smartmail.formats.layout.making import align, colour, number, whole
from smartmail.formats.layout.tree import NOTHING, Node
from smartmail.formats.layout.word_styles import counted

Looks = dict[str, Any]
Properties = Mapping[str, str]
"""Attributes of all elements `…-properties` of a chain, without their prefixes."""

_MAX_CHAIN: Final = 12
_LENGTH: Final = re.compile(r"(-?\d{0,7}(?:\.\d{0,9})?)(in|cm|mm|pt|pc|px)")
_POINTS: Final = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "pc": 12.0, "px": 0.75}
_ASIAN: Final = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_SIZES: Final = frozenset({"font-size", "font-size-asian"})
_MAX_SIZE: Final = 400.0
_NO: Final = frozenset({"", "none", "normal", "false", "0", "transparent"})


def points(length: str, missing: float = 0.0) -> float:
    """Return a length in points; of what is none, `missing`."""
    match = _LENGTH.fullmatch(length)
    return number(match[1], missing) * _POINTS[match[2]] if match else missing


class Styles:
    """Styles by family and name. Automatic ones of the content and of the styles have the same names: one of these each."""

    def __init__(self, *groups: Node) -> None:
        self._nodes: dict[tuple[str, str], Node] = {}
        self._standard: dict[str, Node] = {}
        self._lists: dict[str, Node] = {}
        self.numbering: Node = NOTHING
        for node in (each for group in groups for each in group.nodes()):
            if node.name == "style":
                self._nodes[node.get("family"), node.get("name")] = node
            elif node.name == "default-style":
                self._standard[node.get("family")] = node
            elif node.name == "list-style":
                self._lists[node.get("name")] = node
            elif node.name == "outline-style":
                self.numbering = node
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        self._own: dict[tuple[str, str], dict[str, str]] = {}

    def node(self, family: str, name: str) -> Node:
        """Return a style as it stands, an empty element where there is none."""
        return self._nodes.get((family, name), NOTHING)

    def of(self, family: str, name: str) -> Properties:
        """Return what a style and those that it stands on say, the standard one of its family below."""
        key = family, name
        if key not in self._known:
            found: dict[str, str] = {}
            standard = self._standard.get(family) or self._standard.get("graphic" if family == "presentation" else "")
            for node in ([standard] if standard else []) + self._chain(family, name):
                merge(found, _said(node))
            self._known[key] = found
        return self._known[key]

    def own(self, family: str, name: str) -> Properties:
        """The same without the standard one: what a span or a paragraph says over what is around it."""
        key = family, name
        if key not in self._own:
            self._own[key] = {}
            for node in self._chain(family, name):
                merge(self._own[key], _said(node))
        return self._own[key]

    def title(self, name: str) -> bool:
        """Return whether paragraphs of this style are the title of a document."""
        return any("title" in {node.get("name").lower(), node.get("display-name").lower()}
                   for node in self._chain("paragraph", name))  # fmt: skip

    def list_style(self, name: str) -> Node:
        """Return a style of lists."""
        return self._lists.get(name, NOTHING)

    def outline(self, family: str, name: str) -> tuple[Properties, ...]:
        """Return what a style of boxes says at each level of lists: …-outline1 has brothers up to …-outline9."""
        first = self.of(family, name)
        above = next(
            (each.get("name") for each in self._chain(family, name) if each.get("name").endswith("outline1")), ""
        )
        if not above:
            return (first,)
        levels = [first]
        for at in range(2, _MAX_LEVEL):
            level = dict(self.of(family, f"{above[:-1]}{at}"))
            merge(level, {} if name == above else _said(self.node(family, name)))
            levels.append(level)
        return tuple(levels)

    def _chain(self, family: str, name: str) -> list[Node]:
        """Return a style and its parents, the highest first."""
        chain: list[Node] = []
        at = self._nodes.get((family, name))
        while at is not None and at not in chain and len(chain) < _MAX_CHAIN:
            chain.append(at)
            at = self._nodes.get((family, at.get("parent-style-name")))
        return chain[::-1]


def _said(style: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in style.nodes():
        if node.name.endswith("-properties"):
            for key, value in node.attributes.items():
                # The ground of characters has the name of that of a paragraph or a cell.
                name = local(key)
                found[f"text-{name}" if node.name == "text-properties" and name == "background-color" else name] = value
    return found


def merge(below: dict[str, str], said: Mapping[str, str]) -> None:
    """Put what a style says over what it stands on."""
    for key, value in said.items():
        if key in _SIZES and value.endswith("%"):
            value = f"{points(below.get(key, ''), 12) * number(value[:-1], 100) / 100:.2f}pt"
        below[key] = value


def run_looks(said: Properties, text: str) -> Looks:
    """Return how these characters look."""
    asian = "-asian" if _ASIAN.search(text) else ""
    found: Looks = {}
    weight = said.get(f"font-weight{asian}", "")
    if weight == "bold" or whole(weight) >= 600:
        found["bold"] = True
    if said.get(f"font-style{asian}", "") in {"italic", "oblique"}:
        found["italic"] = True
    for key, name in (("text-underline-style", "underline"), ("text-line-through-style", "strike")):
        if said.get(key, "") not in _NO:
            found[name] = True
    for key, name in (("color", "color"), ("text-background-color", "back")):
        if value := colour(said.get(key, "")):
            found[name] = value
    if said.get("use-window-font-color") == "true":
        found.pop("color", None)
    if size := points(said.get(f"font-size{asian}", "")):
        found["size"] = round(max(0.0, min(size, _MAX_SIZE)), 1)
    place = said.get("text-position", "").split(" ")[0]
    if place == "super" or (place.endswith("%") and number(place[:-1]) > 0):
        found["script"] = "super"
    elif place == "sub" or (place.endswith("%") and number(place[:-1]) < 0):
        found["script"] = "sub"
    return found


def paragraph_looks(said: Properties) -> Looks:
    """Return how a paragraph stands."""
    return {"align": align(said.get("text-align", "")),
            "indent": max(0, min(int(points(said.get("margin-left", "")) / 20), 8))}  # fmt: skip


def fill(said: Properties) -> str:
    """Return the ground of a box or a slide, "" for that of the paper."""
    return colour(said.get("fill-color", "")) if said.get("fill") == "solid" else ""


_MAX_LEVEL: Final = 10
_KINDS: Final = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "가": "ganada",
    "ㄱ": "ganada", "①": "decimalEnclosedCircle",
}  # fmt: skip


class Counter:
    """Numbers the entries of one list."""

    def __init__(self, shape: Node) -> None:
        self._levels = {node.get("level"): node for node in shape.nodes()}
        self._counts: list[int] = []

    def marker(self, level: int, start: str = "") -> str:
        """Return what stands before the next entry of a level, from 1; `start`: the number that it begins anew with."""
        level = max(1, min(level, _MAX_LEVEL))
        shape = self._levels.get(str(level), NOTHING)
        if shape.name.endswith("bullet"):
            char = shape.get("bullet-char")
            # ● is what writers set at half the size of the words.
            odd = not char or not char.isprintable() or char == "●" or "\ue000" <= char[0] <= "\uf8ff"
            return "•" if odd else char[:2]
        if shape.name.endswith("image"):
            return "•"
        del self._counts[level:]
        while len(self._counts) < level:
            above = self._levels.get(str(len(self._counts) + 1), NOTHING)
            self._counts.append(whole(above.get("start-value"), 1) - (len(self._counts) == level - 1))
        self._counts[-1] = whole(start) if start else self._counts[-1] + 1
        if not shape.get("num-format"):
            return ""
        first = level - max(1, whole(shape.get("display-levels"), 1, most=level)) + 1
        numbers = [
            counted(_KINDS.get(self._levels.get(str(at), NOTHING).get("num-format")[:1], ""), self._counts[at - 1])
            for at in range(first, level + 1)
        ]
        return (shape.get("num-prefix") + ".".join(numbers) + shape.get("num-suffix"))[:40]
