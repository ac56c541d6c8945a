"""A view as HTML without a script, and the style that it needs.

Words are escaped, colours and lengths are checked values. Looks are classes: the policy of the page takes one style sheet that
it knows by its hash, and nothing on an element. Drawn alike by the webmail's LayoutBlocks.svelte, LayoutDrawing.svelte
and SlidePage.svelte.
"""

import base64
import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Final

from smartmail.formats.layout.chart_drawing import LETTER
from smartmail.formats.layout.model import (
    Block,
    Cell,
    Drawing,
    Layout,
    Page,
    Paragraph,
    Picture,
    PictureFile,
    Run,
    Table,
    View,
)

_COLOUR: Final = re.compile(r"[0-9a-f]{6}")
_ALIGNS: Final = frozenset({"left", "center", "right", "justify"})
_BLACK_BELOW: Final = 0.179
"""Luminance under which white reads better than black: one of both always has the contrast of 4.5 (WCAG 2.2 §1.4.3)."""
_MAX_COLUMNS: Final = 1000

Words = Callable[[str], str]
"""A word of the page by its key: picture, missing, table, inside, head.subject …"""


class Markup:
    """One page in the making."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._looks: dict[str, str] = {}
        self._pictures: tuple[PictureFile, ...] = ()
        self._wide = 0.0

    def style(self) -> str:
        """Return the rules of the classes that were needed."""
        return "".join(f".{name}{{{rules}}}" for rules, name in self._looks.items())

    def view(self, view: View, page_of: Callable[[int], str]) -> str:
        """Return the inside of the page; `page_of` names a page of a PDF by its number."""
        if view.layout is not None:
            return self._layout(view.layout)
        words = f'<article class="paper"><pre>{escape(view.text)}</pre></article>' if view.text else ""
        pages = "".join(
            f'<figure class="sheet">{self._drawn(one, page_of(at) if view.total > 1 else self._words("picture"))}</figure>'
            for at, one in enumerate(view.pages, view.first + 1)
        )
        return pages + words

    def _layout(self, layout: Layout) -> str:
        self._pictures = layout.pictures
        if layout.kind == "slides":
            return "".join(self._slide(page) for page in layout.pages)
        if layout.kind == "sheets":
            return "".join(
                f'<section class="cells"><h2>{escape(page.name)}</h2>{self._blocks(page.blocks)}</section>'
                for page in layout.pages
            )
        heads = "".join(
            f"<dt>{escape(self._words(f'head.{one.field}'))}</dt><dd>{escape(one.text)}</dd>" for one in layout.heads
        )
        files = "".join(f"<li>{escape(one.name)}</li>" for one in layout.files)
        inside = f"<h2>{escape(self._words('inside'))}</h2><ul>{files}</ul>" if files else ""
        pages = "".join(self._blocks(page.blocks) for page in layout.pages)
        return f'<article class="paper">{f"<dl>{heads}</dl>" if heads else ""}{pages}{inside}</article>'

    def _slide(self, page: Page) -> str:
        self._wide = page.width or 720.0
        ratio = f"aspect-ratio:{self._wide:.6g}/{page.height or 540.0:.6g};"
        boxes = []
        for box in page.boxes:
            place = "".join(
                f"{name}:{value * 100:.4g}%;" for name, value in
                (("left", box.x), ("top", box.y), ("width", box.width), ("height", box.height))
            )  # fmt: skip
            look = self._look(place + _fill(box.fill))
            anchor = f" {box.anchor}" if box.anchor in {"middle", "bottom"} else ""
            boxes.append(f'<div class="box{anchor} {look}">{self._blocks(box.blocks, inner=True)}</div>')
        size = self._look(f"font-size:{self._length(18)}")
        ground = self._look(ratio + _fill(page.back))
        self._wide = 0.0
        return f'<div class="slide {ground}"><div class="words {size}">{"".join(boxes)}</div></div>'

    def _blocks(self, blocks: Iterable[Block], *, inner: bool = False) -> str:
        return "".join(self._block(block, inner=inner) for block in blocks)

    def _block(self, block: Block, *, inner: bool) -> str:
        if isinstance(block, Paragraph):
            return self._paragraph(block)
        if isinstance(block, Picture):
            return self._picture(block)
        if isinstance(block, Drawing):
            return self._drawing(block)
        return self._table(block, inner=inner)

    def _paragraph(self, block: Paragraph) -> str:
        heading = block.heading if any(run.text.strip() for run in block.runs) else 0
        tag = f"h{min(heading + 2, 6)}" if heading else "p"
        rules = f"text-align:{block.align};" if block.align in _ALIGNS else ""
        rules += f"padding-inline-start:{block.indent * 1.6:.4g}em;" if block.indent else ""
        kinds = f"level{min(heading, 4)} " if heading else ""
        kinds += "entry " if block.marker else ""
        marker = ""
        if block.marker:
            size = self._sized(block.runs[0].size if block.runs else 0.0)
            marker = f'<span class="marker {self._look(size)}">{escape(block.marker)}</span>'
        words = "".join(self._run(run) for run in block.runs)
        return f'<{tag} class="line {kinds}{self._look(rules)}">{marker}{words}</{tag}>'

    def _run(self, run: Run) -> str:
        rules = "font-weight:700;" if run.bold else ""
        rules += "font-style:italic;" if run.italic else ""
        lines = " ".join(name for name, there in (("underline", run.underline), ("line-through", run.strike)) if there)
        rules += f"text-decoration:{lines};" if lines else ""
        rules += f"color:#{run.color};" if _COLOUR.fullmatch(run.color) else ""
        rules += f"background-color:#{run.back};" if _COLOUR.fullmatch(run.back) else ""
        rules += self._sized(run.size)
        rules += f"vertical-align:{run.script};font-size:.75em;" if run.script in {"super", "sub"} else ""
        text = escape(run.text)
        return f'<span class="{self._look(rules)}">{text}</span>' if rules else text

    def _picture(self, block: Picture) -> str:
        file = self._pictures[block.at] if 0 <= block.at < len(self._pictures) else None
        if file is None:
            return self._missing()
        width = self._look(f"width:{self._length(block.width)}") if block.width else ""
        return self._drawn(file, self._words("picture"), width)

    def _drawing(self, block: Drawing) -> str:
        shapes = []
        for one in block.figures:
            ink = f"#{one.color}" if _COLOUR.fullmatch(one.color) else "currentColor"
            look = f'fill="{ink}"' if one.filled else f'fill="none" stroke="{ink}" stroke-width="1.5"'
            points = " ".join(f"{point:.6g}" for point in one.points)
            shapes.append(f'<{"polygon" if one.filled else "polyline"} {look} points="{points}"/>')
        for word in block.labels:
            anchor = f' text-anchor="{word.anchor}"' if word.anchor in {"middle", "end"} else ""
            shapes.append(f'<text x="{word.x:.6g}" y="{word.y:.6g}"{anchor}>{escape(word.text)}</text>')
        name = escape(block.name or self._words("picture"))
        look = self._look(f"width:{self._length(block.width)};max-width:100%;height:auto")
        return (
            f'<svg class="drawing {look}" role="img" aria-label="{name}" viewBox="0 0 {int(block.width)} {int(block.height)}"'
            f' font-size="{LETTER:.4g}" fill="currentColor">{"".join(shapes)}</svg>'
        )

    def _drawn(self, file: PictureFile, name: str, look: str = "") -> str:
        if not file.octets:
            return self._missing()
        octets = base64.b64encode(file.octets).decode()
        return f'<img class="{look}" alt="{escape(name)}" src="data:{file.type};base64,{octets}">'

    def _missing(self) -> str:
        return f'<p class="missing">{escape(self._words("missing"))}</p>'

    def _table(self, block: Table, *, inner: bool) -> str:
        widths = "".join(
            f'<col class="{self._look(f"width:{self._length(width)}")}">' for width in block.widths[:_MAX_COLUMNS]
        )
        rows = "".join(f"<tr>{''.join(self._cell(cell) for cell in row)}</tr>" for row in block.rows)
        # A region that scrolls must be reached by keyboard.
        region = "" if inner else f' tabindex="0" role="region" aria-label="{escape(self._words("table"))}"'
        return f'<div class="table"{region}><table><colgroup>{widths}</colgroup><tbody>{rows}</tbody></table></div>'

    def _cell(self, cell: Cell) -> str:
        spans = f' colspan="{int(cell.columns)}"' if cell.columns > 1 else ""
        spans += f' rowspan="{int(cell.rows)}"' if cell.rows > 1 else ""
        return f'<td{spans} class="{self._look(_fill(cell.fill))}">{self._blocks(cell.blocks, inner=True)}</td>'

    def _sized(self, points: float) -> str:
        return f"font-size:{self._length(points)};" if points else ""

    def _length(self, points: float) -> str:
        return f"{points / self._wide * 100:.4g}cqw" if self._wide else f"{points / 11:.4g}rem"

    def _look(self, rules: str) -> str:
        """Return the class of some rules."""
        return self._looks.setdefault(rules, f"l{len(self._looks)}") if rules else ""


def _fill(colour: str) -> str:
    """Return the rules of a ground, and of ink that is read on it."""
    if not _COLOUR.fullmatch(colour):
        return ""
    red, green, blue = (_light(int(colour[at : at + 2], 16) / 255) for at in (0, 2, 4))
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < _BLACK_BELOW
    return f"background-color:#{colour};color:#{'ffffff' if dark else '000000'};"


def _light(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
