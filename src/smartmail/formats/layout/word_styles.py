"""What styles and lists of a Word document (ECMA-376 part 1, §17) say of its paragraphs and characters."""

from typing import Any, Final

from smartmail.formats.layout.making import align, colour, number, whole
from smartmail.formats.layout.tree import Node

Looks = dict[str, Any]
"""Fields of model.Run and model.Paragraph."""

_OFF: Final = frozenset({"0", "false", "off", "none"})
_MAX_CHAIN: Final = 12
_MAX_HEADING: Final = 6
_HIGHLIGHTS: Final = {
    "yellow": "ffff00", "green": "00ff00", "cyan": "00ffff", "magenta": "ff00ff", "blue": "0000ff", "red": "ff0000",
    "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000",
    "darkYellow": "808000", "darkGray": "808080", "lightGray": "c0c0c0", "black": "000000", "white": "ffffff",
}  # fmt: skip


def run_looks(properties: Node) -> Looks:
    """Return what run properties say, and only that."""
    found: Looks = {}
    for node in properties.nodes():
        value = node.get("val")
        if node.name in {"b", "i", "strike"}:
            found[{"b": "bold", "i": "italic", "strike": "strike"}[node.name]] = value not in _OFF
        elif node.name == "u":
            found["underline"] = value not in _OFF
        elif node.name == "color":
            found["color"] = colour(value)
        elif node.name == "highlight":
            found["back"] = _HIGHLIGHTS.get(value, "")
        elif node.name == "shd":
            found.setdefault("back", colour(node.get("fill")))
        elif node.name == "sz":
            found["size"] = min(number(value) / 2, 200)
        elif node.name == "vertAlign":
            found["script"] = {"superscript": "super", "subscript": "sub"}.get(value, "")
    return found


def _paragraph_looks(properties: Node) -> Looks:
    found: Looks = {}
    if jc := properties.find("jc"):
        found["align"] = align(jc.get("val"))
    if outline := properties.find("outlineLvl"):
        level = whole(outline.get("val"), 9)
        found["heading"] = level + 1 if level < _MAX_HEADING else 0
    return found


class Styles:
    """The styles of a document."""

    def __init__(self, root: Node) -> None:
        self._nodes = {node.get("styleId"): node for node in root.nodes("style")}
        self._standard = run_looks(root.find("docDefaults", "rPrDefault", "rPr"))
        self._normal = next((key for key, node in self._nodes.items() if node.get("default") in {"1", "true"}
                             and node.get("type") == "paragraph"), "")  # fmt: skip
        self._run: dict[str, Looks] = {}
        self._paragraph: dict[str, Looks] = {}

    def of_paragraph(self, name: str) -> tuple[Looks, Looks]:
        """Return how its characters and itself look by its style; `name` "" is the normal one."""
        name = name or self._normal
        return {**self._standard, **self.of_run(name)}, self._chain(name, self._paragraph)

    def of_run(self, name: str) -> Looks:
        """Return what a style says of characters."""
        return self._chain(name, self._run)

    def numbering(self, name: str) -> Node:
        """Return the list that a style is an entry of."""
        return self._nodes.get(name, _NONE).find("pPr", "numPr")

    def _chain(self, name: str, known: dict[str, Looks]) -> Looks:
        if name not in known:
            chain: list[Node] = []
            at = self._nodes.get(name)
            while at is not None and at not in chain and len(chain) < _MAX_CHAIN:
                chain.append(at)
                at = self._nodes.get(at.find("basedOn").get("val"))
            looks: Looks = {}
            for node in reversed(chain):
                looks.update(run_looks(node.find("rPr")) if known is self._run else _of_style(node))
            known[name] = looks
        return known[name]


def _of_style(node: Node) -> Looks:
    looks = _paragraph_looks(node.find("pPr"))
    name = node.find("name").get("val").lower()
    if name.startswith("heading ") and name[8:].isdecimal():
        looks["heading"] = min(int(name[8:9]), _MAX_HEADING)
    elif name == "title":
        looks["heading"] = 1
    return looks


def paragraph_looks(styles: Styles, properties: Node) -> tuple[Looks, Looks]:
    """Return (looks of characters, looks of the paragraph) by its style and by itself."""
    run, paragraph = styles.of_paragraph(properties.find("pStyle").get("val"))
    return run, {**paragraph, **_paragraph_looks(properties)}


_NONE: Final = Node("", {})
_BULLETS: Final = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "▸", "\uf0fc": "✓", "o": "◦", "": "•"}
_GANADA: Final = "가나다라마바사아자차카타파하"
_ROMAN: Final = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
                 (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MAX_LEVEL: Final = 8


class Lists:
    """Numbers the entries of lists in the order of the document."""

    def __init__(self, root: Node) -> None:
        shapes = {node.get("abstractNumId"): node for node in root.nodes("abstractNum")}
        self._levels = {
            node.get("numId"): {
                level.get("ilvl"): level
                for level in shapes.get(node.find("abstractNumId").get("val"), _NONE).nodes("lvl")
            }
            for node in root.nodes("num")
        }
        self._counts: dict[str, list[int]] = {}

    def marker(self, entry: Node) -> tuple[str, int]:
        """Return what stands before an entry and its level; ("", 0) for what is in no list."""
        name, level = entry.find("numId").get("val"), whole(entry.find("ilvl").get("val"), most=_MAX_LEVEL)
        shape = self._levels.get(name, {}).get(str(level))
        if shape is None or name == "0":
            return "", 0
        text, kind = shape.find("lvlText").get("val"), shape.find("numFmt").get("val")
        if kind == "bullet":
            return _BULLETS.get(text, text[:4] if text.isprintable() else "•"), level + 1
        counts = self._counts.setdefault(name, [])
        del counts[level + 1 :]
        while len(counts) <= level:
            counts.append(self._start(name, len(counts)) - (len(counts) == level))
        counts[level] += 1
        for at, count in enumerate(counts):
            kind = self._levels[name].get(str(at), _NONE).find("numFmt").get("val")
            text = text.replace(f"%{at + 1}", counted(kind, count))
        return text[:40], level + 1 if text else 0

    def _start(self, name: str, level: int) -> int:
        return whole(self._levels[name].get(str(level), _NONE).find("start").get("val"), 1)


def counted(kind: str, count: int) -> str:
    """Return a number as a list of this kind (ECMA-376 part 1, §17.18.59) writes it; digits for kinds not known here."""
    if kind in {"lowerLetter", "upperLetter"}:
        letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 5)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in {"lowerRoman", "upperRoman"} and 0 < count < 4_000:
        text = ""
        for value, letters in _ROMAN:
            text += letters * (count // value)
            count %= value
        return text.upper() if kind == "upperRoman" else text
    if kind in {"ganada", "chosung"}:
        return _GANADA[(count - 1) % len(_GANADA)]
    if kind == "decimalEnclosedCircle" and 0 < count <= 20:
        return chr(0x245F + count)
    return str(count)
