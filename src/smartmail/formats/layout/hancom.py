"""HWPX documents (KS X 6101, OWPML): paragraphs and characters as their header says, tables with merged cells, pictures, boxes."""

from typing import Any, Final

from smartmail.formats.extract.odf import refuse_encrypted
from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import tree
from smartmail.formats.layout.making import MAX_NESTED, Making, align, colour, joined, number, whole
from smartmail.formats.layout.model import Block, Cell, Page, Paragraph, Run, Table
from smartmail.formats.layout.tree import Node

UNIT: Final = 100
"""HWPUNIT in a point."""
_STANDARD_SIZE: Final = 10.0
_MAX_SECTIONS: Final = 200
_MAX_COLUMNS: Final = 60
_MARKS: Final = {"tab": "\t", "lineBreak": "\n", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}
_BOXES: Final = frozenset({"rect", "ellipse", "polygon", "container", "arc", "curve", "textart"})
_BESIDE: Final = frozenset({"header", "footNote", "endNote", "hiddenComment"})
_MAX_HEADING: Final = 6


def read(making: Making, archive: Archive) -> None:
    """Make the page of a document. Raises Unreadable and Enough."""
    refuse_encrypted(making.out, archive)
    document = _Document(making, archive)
    blocks: list[Block] = []
    try:
        for at in range(_MAX_SECTIONS):
            root = tree.part(making.out, archive, f"Contents/section{at}.xml")
            if not root:
                break
            document.blocks(root, blocks, 0)
    finally:
        making.pages.append(Page(blocks=tuple(blocks)))


class _Document:
    def __init__(self, making: Making, archive: Archive) -> None:
        self._making, self._archive = making, archive
        lists = tree.part(making.out, archive, "Contents/header.xml").find("refList")
        self._runs = {node.get("id"): _run_looks(node) for node in lists.find("charProperties").nodes("charPr")}
        self._paragraphs = {node.get("id"): node for node in lists.find("paraProperties").nodes("paraPr")}
        self._fills = {node.get("id"): colour(node.find("fillBrush", "winBrush").get("faceColor"))
                       for node in lists.find("borderFills").nodes("borderFill")}  # fmt: skip
        self._bullets = {node.get("id"): node.get("char") for node in lists.find("bullets").nodes("bullet")}
        # A manifest names its parts; that of BinData/image1.png is image1.
        content = tree.part(making.out, archive, "Contents/content.hpf").find("manifest")
        self._binaries = {node.get("id"): node.get("href") for node in content.nodes("item")}
        self._counts: dict[tuple[str, int], int] = {}

    def blocks(self, around: Node, blocks: list[Block], depth: int) -> None:
        """Add what is right inside. Raises Enough."""
        for node in around.nodes("p"):
            self._paragraph(node, blocks, depth)

    def _paragraph(self, node: Node, blocks: list[Block], depth: int) -> None:
        self._making.block()
        runs: list[Run] = []
        beside: list[Block] = []
        for run in node.nodes("run"):
            looks = self._runs.get(run.get("charPrIDRef"), {})
            for part in run.nodes():
                if part.name == "t":
                    runs.append(Run(self._making.text(_characters(part)), **looks))
                elif part.name == "equation":
                    runs.append(Run(self._making.text(part.find("script").text()), italic=True))
                elif depth < MAX_NESTED:
                    self._object(part, beside, depth + 1)
        shape = self._paragraphs.get(node.get("paraPrIDRef"), _NONE)
        if runs or not beside:
            blocks.append(Paragraph(joined(runs), align=align(shape.find("align").get("horizontal")),
                                    **self._heading(shape.find("heading"), runs)))  # fmt: skip
        blocks.extend(beside)

    def _heading(self, node: Node, runs: list[Run]) -> dict[str, Any]:
        kind, level = node.get("type"), whole(node.get("level"), most=9)
        if not any(run.text.strip() for run in runs):
            return {}
        if kind == "OUTLINE":
            return {"heading": level + 1} if level < _MAX_HEADING else {}
        if kind == "BULLET":
            char = self._bullets.get(node.get("idRef"), "")
            return {"marker": char[:1] if char and not "\ue000" <= char[0] <= "\uf8ff" else "•", "indent": level + 1}
        if kind == "NUMBER":
            key = node.get("idRef"), level
            self._counts[key] = self._counts.get(key, 0) + 1
            for other in [each for each in self._counts if each[0] == key[0] and each[1] > level]:
                del self._counts[other]
            return {"marker": f"{self._counts[key]}.", "indent": level + 1}
        return {}

    def _object(self, node: Node, blocks: list[Block], depth: int) -> None:
        if node.name == "tbl":
            blocks.append(self._table(node, depth))
        elif node.name == "pic":
            self._making.block()
            name = next((each.get("binaryItemIDRef") for each in node.nodes("img")), "")
            place = node.find("curSz") if number(node.find("curSz").get("width")) else node.find("sz")
            size = number(place.get("width")) / UNIT, number(place.get("height")) / UNIT
            blocks.append(self._making.picture(self._archive, self._binary(name), *size))
        elif node.name in _BOXES:
            self.blocks(node.find("drawText", "subList"), blocks, depth)
            for inner in node.nodes():
                if depth < MAX_NESTED and (inner.name in _BOXES or inner.name == "pic"):
                    self._object(inner, blocks, depth + 1)
        elif node.name == "ctrl":
            for inner in node.nodes(*_BESIDE):
                self.blocks(inner.find("subList"), blocks, depth)

    def _binary(self, name: str) -> str:
        found = self._binaries.get(name, "")
        return found if self._archive.find(found) else f"Contents/{found}"

    def _table(self, node: Node, depth: int) -> Table:
        rows: list[tuple[Cell, ...]] = []
        widths: dict[int, int] = {}
        for row in node.nodes("tr"):
            cells: list[Cell] = []
            for cell in list(row.nodes("tc"))[:_MAX_COLUMNS]:
                self._making.block()
                span, blocks = cell.find("cellSpan"), list[Block]()
                self.blocks(cell.find("subList"), blocks, depth)
                columns, down = (
                    max(1, whole(span.get(key), 1, most=most))
                    for key, most in (("colSpan", _MAX_COLUMNS), ("rowSpan", 1_000))
                )
                if columns == 1:
                    widths[whole(cell.find("cellAddr").get("colAddr"))] = (
                        whole(cell.find("cellSz").get("width")) // UNIT
                    )
                cells.append(Cell(tuple(blocks), columns, down, self._fills.get(cell.get("borderFillIDRef"), "")))
            rows.append(tuple(cells))
        return Table(tuple(rows), tuple(widths[at] for at in sorted(widths)) if _gapless(widths) else ())


_NONE: Final = Node("", {})


def _gapless(widths: dict[int, int]) -> bool:
    return sorted(widths) == list(range(len(widths)))


def _characters(node: Node) -> str:
    text = ""
    for part in node.parts:
        if isinstance(part, str):
            text += part
        elif part.name in _MARKS:
            text += _MARKS[part.name]
        elif part.name in {"insertBegin", "insertEnd"}:
            continue
    return text


def _run_looks(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {
        "bold": bool(node.find("bold")), "italic": bool(node.find("italic")),
        "underline": node.find("underline").get("type", "NONE") not in {"NONE", "TOP"},
        "strike": node.find("strikeout").get("shape", "NONE") not in {"NONE", "3D"},
        "color": _not_black(colour(node.get("textColor"))), "back": colour(node.get("shadeColor")),
    }  # fmt: skip
    size = number(node.get("height")) / 100
    if size and size != _STANDARD_SIZE:
        found["size"] = min(size, 200)
    if node.find("supscript"):
        found["script"] = "super"
    elif node.find("subscript"):
        found["script"] = "sub"
    return found


def _not_black(found: str) -> str:
    return "" if found == "000000" else found
