"""The certificate of a destruction (파기 확인서): as text, as a page, as PDF. Words come in, in any language."""

import html
from typing import NamedTuple

from smartmail.formats.papers import Column, Paper, Section, Table
from smartmail.formats.papers import pdf as paper_pdf


class Certificate(NamedTuple):
    """What it says: a title, lines of (label, value), a closing sentence."""

    language: str
    title: str
    lines: tuple[tuple[str, str], ...]
    closing: str


def text(one: Certificate) -> str:
    """Return it as plain text."""
    body = "\n".join(f"{label}: {_flat(value)}" for label, value in one.lines)
    return f"{one.title}\n\n{body}\n\n{one.closing}\n"


def page(one: Certificate) -> str:
    """Return it as one HTML page that needs nothing from elsewhere."""
    rows = "".join(
        f"<tr><th scope=row>{html.escape(label)}</th><td>{html.escape(_flat(value))}</td></tr>"
        for label, value in one.lines
    )
    return (
        f'<!doctype html><html lang="{html.escape(one.language)}"><meta charset=utf-8>'
        f"<title>{html.escape(one.title)}</title>"
        "<style>body{font-family:sans-serif;max-width:40em;margin:3em auto}h1{text-align:center}"
        "table{width:100%;border-collapse:collapse}th,td{border:1px solid #888;padding:.5em;text-align:left;"
        "overflow-wrap:anywhere}th{width:30%;background:#f4f4f4}</style>"
        f"<h1>{html.escape(one.title)}</h1><table>{rows}</table><p>{html.escape(one.closing)}</p></html>"
    )


def pdf(one: Certificate) -> bytes:
    """Return it as PDF, in the fonts that readers have for its language."""
    rows = tuple((label, _flat(value)) for label, value in one.lines)
    # The number of the entry heads the table.
    columns = (Column(rows[0][0], width=1.0), Column(rows[0][1], width=3.0))
    section = Section("", Table(columns, rows[1:]), note=one.closing)
    return paper_pdf(Paper(one.title, one.language, sections=(section,)))


def _flat(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)
