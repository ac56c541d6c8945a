"""The certificate of a destruction (파기 확인서): as PDF. Words come in, in any language."""

from typing import NamedTuple

from smartmail.formats.papers import Column, Paper, Section, Table
from smartmail.formats.papers import pdf as paper_pdf


class Certificate(NamedTuple):
    """What it says: a title, lines of (label, value), a closing sentence."""

    language: str
    title: str
    lines: tuple[tuple[str, str], ...]
    closing: str


def pdf(one: Certificate) -> bytes:
    """Return it as PDF, in the fonts that readers have for its language."""
    rows = tuple((label, _flat(value)) for label, value in one.lines)
    # The number of the entry heads the table.
    columns = (Column(rows[0][0], width=1.0), Column(rows[0][1], width=3.0))
    section = Section("", Table(columns, rows[1:]), note=one.closing)
    return paper_pdf(Paper(one.title, one.language, sections=(section,)))


def _flat(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)
