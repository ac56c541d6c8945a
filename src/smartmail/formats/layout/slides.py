"""Presentations (ECMA-376 part 1, §19, §20.1): slides as boxes in their places, those of their layouts where they have none.

Colours of themes are resolved by their names; shapes are drawn as their rectangles, lines and effects are not.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import charts, tree
from smartmail.formats.layout.making import MAX_NESTED, Making, align, colour, joined, number, whole
from smartmail.formats.layout.model import Block, Box, Cell, Page, Paragraph, Run, Table
from smartmail.formats.layout.tree import Node

_EMU: Final = 12_700
_WHOLE: Final = 100_000  # thousandths of a percent
_STANDARD_LETTER: Final = 18.0
_STANDARD_SIZE: Final = (9_144_000.0, 6_858_000.0)
_THEME_NAMES: Final = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}
_TITLES: Final = frozenset({"title", "ctrTitle"})
_BODIES: Final = frozenset({"body", "obj", "subTitle", ""})
_NOT_SHOWN: Final = frozenset({"dt", "ftr", "sldNum", "hdr"})
_ANCHORS: Final[dict[str, Literal["middle", "bottom"]]] = {"ctr": "middle", "b": "bottom"}
_MAX_COLUMNS: Final = 60

_Frame = tuple[float, float, float, float]
"""x, y, width, height in EMU."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A slide, layout or master with what its relations lead to."""

    root: Node
    relations: dict[str, str] = field(default_factory=dict)


def read(making: Making, archive: Archive) -> None:
    """Make a page of each slide. Raises Enough."""
    show = _sheet(making, archive, "ppt/presentation.xml")
    size = show.root.find("sldSz")
    wide, high = number(size.get("cx"), _STANDARD_SIZE[0]), number(size.get("cy"), _STANDARD_SIZE[1])
    if wide < _EMU or high < _EMU:
        wide, high = _STANDARD_SIZE
    kept: dict[str, _Sheet] = {}
    for at, entry in enumerate(show.root.find("sldIdLst").nodes("sldId"), 1):
        # A package without its relations has its slides where all writers put them.
        name = show.relations.get(entry.relation(), f"ppt/slides/slide{at}.xml")
        slide = _sheet(making, archive, name)
        if not slide.root or slide.root.get("show") in {"0", "false"}:
            continue
        above = _above(making, archive, slide, kept)
        _Slide(making, archive, slide, above, (wide, high)).make()


def _sheet(making: Making, archive: Archive, name: str) -> _Sheet:
    return _Sheet(tree.part(making.out, archive, name), tree.relations(making.out, archive, name))


def _above(making: Making, archive: Archive, sheet: _Sheet, kept: dict[str, _Sheet]) -> list[_Sheet]:
    """Return the layout, the master and the theme of a slide, as far as there are."""
    found: list[_Sheet] = []
    for kind in ("slidelayouts/", "slidemasters/", "theme/"):
        name = next((each for each in sheet.relations.values() if kind in each.lower()), None)
        if name is None:
            break
        if name not in kept:
            kept[name] = _sheet(making, archive, name)
        sheet = kept[name]
        found.append(sheet)
    return found


class _Slide:
    def __init__(
        self, making: Making, archive: Archive, sheet: _Sheet, above: list[_Sheet], size: tuple[float, float]
    ) -> None:
        self._making, self._archive, self._sheet, self._size = making, archive, sheet, size
        self._above = above[:2]
        theme = above[2].root if len(above) > 2 else Node("", {})
        self._theme = {node.name: _first_colour(node) for node in theme.find("themeElements", "clrScheme").nodes()}
        self._master = self._above[1].root if len(self._above) > 1 else Node("", {})
        self._boxes: list[Box] = []

    def make(self) -> None:
        """Keep the page, as far as it was made. Raises Enough."""
        try:
            # Pictures of layout and master are its ground: a logo, a band.
            for sheet in reversed(self._above):
                self._shapes(sheet.root.find("cSld", "spTree"), sheet, 0, (0.0, 0.0, 1.0, 1.0), ground=True)
            self._shapes(self._sheet.root.find("cSld", "spTree"), self._sheet, 0, (0.0, 0.0, 1.0, 1.0))
        finally:
            width, height = self._size
            sheets = [self._sheet, *self._above]
            back = next((found for sheet in sheets if (found := self._back(sheet.root))), "")
            page = Page(boxes=tuple(self._boxes), width=width / _EMU, height=height / _EMU, back=back)
        self._making.page(page)

    def _back(self, root: Node) -> str:
        ground = root.find("cSld", "bg")
        return self._colour(ground.find("bgPr", "solidFill")) or self._colour(ground.find("bgRef"))

    def _shapes(
        self, around: Node, sheet: _Sheet, depth: int, shift: tuple[float, float, float, float], *, ground: bool = False
    ) -> None:
        """Add the boxes inside; `shift`: what moves and scales the places in a group."""
        for node in around.nodes("sp", "pic", "graphicFrame", "grpSp", "AlternateContent"):
            if node.name == "AlternateContent":
                self._shapes(node.find("Choice"), sheet, depth, shift, ground=ground)
            elif node.name == "grpSp":
                if depth < MAX_NESTED:
                    self._shapes(node, sheet, depth + 1, _group(node, shift), ground=ground)
            elif not (ground and node.find("nvSpPr", "nvPr", "ph")):
                self._shape(node, sheet, shift)

    def _shape(self, node: Node, sheet: _Sheet, shift: tuple[float, float, float, float]) -> None:
        holder = node.find("nvSpPr", "nvPr", "ph") or node.find("nvPicPr", "nvPr", "ph")
        if holder.get("type") in _NOT_SHOWN:
            return
        like = self._like(holder) if holder else []
        frame = next((found for each in (node, *like) if (found := _frame(each))), None)
        if frame is None:
            return
        self._making.block()
        blocks: tuple[Block, ...]
        if node.name == "pic":
            name = sheet.relations.get(node.find("blipFill", "blip").relation(), "")
            blocks = (self._making.picture(self._archive, name, frame[2] / _EMU, frame[3] / _EMU),)
        elif node.name == "graphicFrame":
            table = node.find("graphic", "graphicData", "tbl")
            blocks = (self._table(table),) if table else self._chart(node, sheet, frame)
        else:
            blocks = tuple(self._text(node.find("txBody"), _standard(holder, self._master, like)))
        fill = self._colour(node.find("spPr", "solidFill")) or self._colour(node.find("style", "fillRef"))
        if node.find("spPr", "noFill"):
            fill = ""
        if blocks or fill:
            anchors = (each.find("txBody", "bodyPr").get("anchor") for each in (node, *like))
            anchor = next(filter(None, anchors), "")
            self._boxes.append(self._box(frame, shift, blocks, fill, anchor))

    def _chart(self, node: Node, sheet: _Sheet, frame: _Frame) -> tuple[Block, ...]:
        name = charts.name_of(node, sheet.relations)
        found = charts.alone(self._making, self._archive, name, frame[2] / _EMU, frame[3] / _EMU) if name else []
        return tuple(found)

    def _box(
        self, frame: _Frame, shift: tuple[float, float, float, float], blocks: tuple[Block, ...], fill: str, anchor: str
    ) -> Box:
        wide, high = self._size
        return Box(
            _share(shift[0] + frame[0] * shift[2], wide), _share(shift[1] + frame[1] * shift[3], high),
            _share(frame[2] * shift[2], wide), _share(frame[3] * shift[3], high), blocks, fill, _ANCHORS.get(anchor, ""),
        )  # fmt: skip

    def _like(self, holder: Node) -> list[Node]:
        """Return the shapes of layout and master that a placeholder takes its place and looks from."""
        found = []
        for sheet in self._above:
            for shape in sheet.root.find("cSld", "spTree").nodes("sp"):
                other = shape.find("nvSpPr", "nvPr", "ph")
                if other and _matches(holder, other):
                    found.append(shape)
                    break
        return found

    def _text(self, body: Node, standard: list[Node]) -> list[Block]:
        blocks: list[Paragraph] = []
        counts: dict[int, int] = {}
        # What was too long for its box was made smaller when it was written.
        scale = number(body.find("bodyPr", "normAutofit").get("fontScale"), _WHOLE) / _WHOLE
        for node in body.nodes("p"):
            self._making.block()
            properties = node.find("pPr")
            level = whole(properties.get("lvl"), most=8)
            above = [each.find(f"lvl{level + 1}pPr") for each in (body.find("lstStyle"), *standard)]
            chain = [properties, *(each for each in above if each)]
            runs = joined([self._run(each, chain, scale) for each in node.nodes("r", "fld", "br")])
            stands = next((found for each in chain if (found := each.get("algn"))), "")
            marker = _marker(chain, counts, level) if any(run.text.strip() for run in runs) else ""
            blocks.append(Paragraph(runs, align=align(stands), marker=marker, indent=level))
        return list(blocks) if any(each.runs for each in blocks) else []

    def _run(self, node: Node, chain: list[Node], scale: float) -> Run:
        looks: dict[str, Any] = {}
        for each in reversed(chain[1:]):
            looks.update(self._looks(each.find("defRPr")))
        looks.update(self._looks(node.find("rPr")))
        if scale != 1:
            looks["size"] = round(looks.get("size", _STANDARD_LETTER) * max(0.1, min(scale, 1)), 1)
        return Run(self._making.text("\n" if node.name == "br" else node.find("t").text()), **looks)

    def _looks(self, properties: Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, name in (("b", "bold"), ("i", "italic")):
            if value := properties.get(key):
                found[name] = value in {"1", "true"}
        if value := properties.get("u"):
            found["underline"] = value != "none"
        if value := properties.get("strike"):
            found["strike"] = value != "noStrike"
        if value := properties.get("sz"):
            found["size"] = min(number(value) / 100, 400)
        if value := self._colour(properties.find("solidFill")):
            found["color"] = value
        return found

    def _colour(self, node: Node) -> str:
        name = node.find("schemeClr").get("val")
        return _first_colour(node) or self._theme.get(_THEME_NAMES.get(name, name), "")

    def _table(self, node: Node) -> Table:
        widths = tuple(whole(each.get("w"), most=100_000_000) // _EMU for each in node.find("tblGrid").nodes("gridCol"))
        rows = []
        for row in node.nodes("tr"):
            cells = []
            for cell in list(row.nodes("tc"))[:_MAX_COLUMNS]:
                if cell.get("hMerge") or cell.get("vMerge"):
                    continue
                self._making.block()
                fill = self._colour(cell.find("tcPr", "solidFill"))
                columns, down = (max(1, whole(cell.get(key), 1, most=_MAX_COLUMNS)) for key in ("gridSpan", "rowSpan"))
                cells.append(Cell(tuple(self._text(cell.find("txBody"), [])), columns, down, fill))
            rows.append(tuple(cells))
        return Table(tuple(rows), widths[:_MAX_COLUMNS])


def _standard(holder: Node, master: Node, like: list[Node]) -> list[Node]:
    """Return where the looks of a level are said, the nearest first."""
    styles = master.find("txStyles")
    kind = "titleStyle" if holder.get("type") in _TITLES else "bodyStyle" if holder else "otherStyle"
    return [*(shape.find("txBody", "lstStyle") for shape in like), styles.find(kind)]


def _matches(holder: Node, other: Node) -> bool:
    kind, wanted = other.get("type"), holder.get("type")
    if holder.get("idx") and holder.get("idx") == other.get("idx"):
        return True
    if wanted in _TITLES:
        return kind in _TITLES
    return kind == wanted or (wanted in _BODIES and kind == "body")


def _first_colour(node: Node) -> str:
    return colour(node.find("srgbClr").get("val")) or colour(node.find("sysClr").get("lastClr"))


def _frame(node: Node) -> _Frame | None:
    place = node.find("spPr", "xfrm") or node.find("xfrm")
    if not place:
        return None
    off, ext = place.find("off"), place.find("ext")
    return number(off.get("x")), number(off.get("y")), number(ext.get("cx")), number(ext.get("cy"))


def _group(node: Node, shift: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    place = node.find("grpSpPr", "xfrm")
    off, ext, inner, size = (place.find(name) for name in ("off", "ext", "chOff", "chExt"))
    if not (ext and size):
        return shift
    across = number(ext.get("cx")) / (number(size.get("cx")) or 1)
    down = number(ext.get("cy")) / (number(size.get("cy")) or 1)
    x, y = number(off.get("x")) - number(inner.get("x")) * across, number(off.get("y")) - number(inner.get("y")) * down
    return shift[0] + x * shift[2], shift[1] + y * shift[3], shift[2] * across, shift[3] * down


def _share(value: float, whole_: float) -> float:
    return round(max(-1.0, min(value / whole_, 2.0)), 4)


def _marker(chain: list[Node], counts: dict[int, int], level: int) -> str:
    for node in chain:
        if node.find("buNone"):
            return ""
        if char := node.find("buChar").get("char"):
            return "•" if not char.isprintable() or "\ue000" <= char[0] <= "\uf8ff" else char[:2]
        if node.find("buAutoNum"):
            counts[level] = counts.get(level, 0) + 1
            return f"{counts[level]}."
    return ""
