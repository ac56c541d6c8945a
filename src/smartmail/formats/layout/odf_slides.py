"""Slides and drawings of OpenDocument (ISO/IEC 26300, ODF 1.3 part 3 §10, §16.20): boxes in their places on what the master shows.

Shapes are drawn as their rectangles; lines, effects and what is turned are not.
"""

import re
from typing import Final, Literal

from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import tree
from smartmail.formats.layout.making import MAX_NESTED, Making
from smartmail.formats.layout.model import Block, Box, Page, Paragraph
from smartmail.formats.layout.odf_styles import Styles, fill, points
from smartmail.formats.layout.odf_text import DRAWN, Words
from smartmail.formats.layout.tree import NOTHING, Node

_STANDARD_SIZE: Final = (793.7, 595.3)  # 28 by 21 cm
_SMALLEST: Final = 1.0
_NOT_SHOWN: Final = frozenset({"date-time", "footer", "header", "page-number", "notes"})
_ANCHORS: Final[dict[str, Literal["middle", "bottom"]]] = {"middle": "middle", "bottom": "bottom"}
_MOVED: Final = re.compile(r"translate\s*\(\s*([^\s,)]{1,20})[\s,]+([^\s,)]{1,20})\s*\)")


def read(making: Making, archive: Archive, content: Node) -> None:
    """Make a page of each slide. Raises Enough."""
    show = _Show(making, archive, content)
    body = content.find("body", "presentation") or content.find("body", "drawing")
    for node in body.nodes("page"):
        show.page(node)


class _Show:
    def __init__(self, making: Making, archive: Archive, content: Node) -> None:
        self._making, self._archive = making, archive
        root = tree.part(making.out, archive, "styles.xml")
        common = root.find("styles")
        self._own = Styles(common, content.find("automatic-styles"))
        self._ground = Styles(common, root.find("automatic-styles"))
        self._masters = {node.get("name"): node for node in root.find("master-styles").nodes("master-page")}
        self._images = {node.get("name"): node.get("href") for node in common.nodes("fill-image")}
        self._sizes = {node.get("name"): node.find("page-layout-properties")
                       for node in root.find("automatic-styles").nodes("page-layout")}  # fmt: skip

    def page(self, node: Node) -> None:
        """Keep a slide, as far as it was made. Raises Enough."""
        looks = self._own.of("drawing-page", node.get("style-name"))
        if looks.get("visibility") == "hidden":
            return
        master = self._masters.get(node.get("master-page-name"), NOTHING)
        ground = self._ground.of("drawing-page", master.get("style-name"))
        size = self._size(master)
        slide = _Slide(self._making, self._archive, size)
        try:
            for said in (looks, ground):
                name = self._images.get(said.get("fill-image-name", ""), "")
                if said.get("fill") == "bitmap" and self._archive.find(name):
                    picture = self._making.picture(self._archive, name, *size)
                    slide.boxes.append(Box(0, 0, 1, 1, (picture,)))
                    break
            if looks.get("background-objects-visible") != "false":
                slide.add(master, self._ground, 0, ground=True)
            slide.add(node, self._own, 0)
        finally:
            page = Page(boxes=tuple(slide.boxes), width=size[0], height=size[1], back=fill(looks) or fill(ground))
        self._making.page(page)

    def _size(self, master: Node) -> tuple[float, float]:
        said = self._sizes.get(master.get("page-layout-name"), NOTHING)
        wide, high = points(said.get("page-width")), points(said.get("page-height"))
        return (round(wide, 1), round(high, 1)) if wide >= _SMALLEST and high >= _SMALLEST else _STANDARD_SIZE


class _Slide:
    def __init__(self, making: Making, archive: Archive, size: tuple[float, float]) -> None:
        self._making, self._archive, self._size = making, archive, size
        self.boxes: list[Box] = []

    def add(self, around: Node, styles: Styles, depth: int, *, ground: bool = False) -> None:
        """Add the boxes inside; `ground`: what a master shows, without the places that ask to be filled. Raises Enough."""
        for node in around.nodes(*DRAWN):
            if node.name in {"g", "a"}:
                if depth < MAX_NESTED:
                    self.add(node, styles, depth + 1, ground=ground)
            elif node.get("placeholder") != "true" and not (ground and node.get("class")):
                self._shape(node, styles)

    def _shape(self, node: Node, styles: Styles) -> None:
        x, y = _corner(node)
        wide, high = points(node.get("width")), points(node.get("height"))
        if node.get("class") in _NOT_SHOWN or wide <= 0 or high <= 0:
            return
        self._making.block()
        name = node.get("style-name")
        family = "presentation" if styles.node("presentation", name) else "graphic"
        said = styles.of(family, name)
        words = Words(self._making, self._archive, styles)
        blocks: list[Block] = []
        base = styles.outline(family, name)
        if node.name == "frame":
            words.frame(node, blocks, 1, base)
        else:
            words.blocks(node, blocks, 1, base)
        if not any(not isinstance(each, Paragraph) or each.runs for each in blocks):
            blocks = []
        # A picture covers its frame; what a frame is filled with where a table stands is that of its cells.
        back = fill(said) if node.find("text-box") or node.name != "frame" else ""
        if blocks or back:
            anchor = _ANCHORS.get(said.get("textarea-vertical-align", ""), "")
            across, down = self._size
            place = _share(x, across), _share(y, down), _share(wide, across), _share(high, down)
            self.boxes.append(Box(*place, tuple(blocks), back, anchor))  # type: ignore[arg-type] # "" or one of _ANCHORS


def _corner(node: Node) -> tuple[float, float]:
    """Return where a box stands; what is turned has its place in how it was moved."""
    match = _MOVED.search(node.get("transform")[:1_000])
    if match and not node.get("x"):
        return points(match[1]), points(match[2])
    return points(node.get("x")), points(node.get("y"))


def _share(value: float, whole_: float) -> float:
    return round(max(-1.0, min(value / whole_, 2.0)), 4)
