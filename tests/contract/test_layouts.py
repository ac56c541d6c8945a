"""Layouts and files inside files out of real parsing children: nothing is loaded late, and what kills one costs one file."""

import pytest
from tests.unit.formats_layout import charts, old_documents
from tests.unit.formats_layout import old_packages as old
from tests.unit.formats_layout import open_packages as opened
from tests.unit.formats_layout import packages as made

from smartmail.adapters.extraction.children import ChildLimits, ParsingChildren
from smartmail.app.children import parsing_child


@pytest.fixture
async def children():
    pool = ParsingChildren(parsing_child.command(), parsing_child.environment())
    yield pool
    await pool.close()


async def test_every_kind_is_laid_out_in_one_child_that_can_open_nothing(children):
    for name, octets, kind in (
        ("a.docx", made.contract(), "document"), ("a.xlsx", made.budget(), "sheets"), ("a.pptx", made.plan(), "slides"),
        ("a.hwpx", made.minutes(), "document"), ("a.hwp", made.hwp_minutes(), "document"),
        ("a.odt", opened.notice(), "document"), ("a.ods", opened.spending(), "sheets"), ("a.odp", opened.proposal(), "slides"),
        ("a.rtf", opened.rich(), "document"), ("a.xls", old.budget(), "sheets"),
        ("a.doc", old_documents.agreement(), "document"), ("a.ppt", old_documents.strategy(), "slides"),
        ("b.docx", charts.word(charts.TURNOVER, charts.SHARES), "document"),
        ("a.msg", made.msg(("b.docx", b"x"), inner=("안", "글", "c", b"d")), "mail"),
    ):  # fmt: skip
        found = await children.layout_of("", name, octets)
        assert (found.kind, found.complete) == (kind, True), name
    assert len(children.pids()) == 1
    assert await children.layout_of("text/plain", "a.txt", b"text") is None


async def test_a_file_inside_comes_out_of_the_child(children):
    octets = made.msg(("그림.png", made.png()), inner=("안", "글", "c.txt", b"d"))
    assert (await children.file_inside("", "a.msg", octets, (0,))).octets == made.png()
    assert (await children.file_inside("", "a.msg", octets, (1, 0))).octets == b"d"
    assert await children.file_inside("", "a.msg", octets, (7,)) is None


async def test_a_file_that_takes_too_long_has_no_layout_and_the_next_one_has(tmp_path):
    limits = ChildLimits(cpu_s=1.0, wall_s=60.0)
    pool = ParsingChildren(parsing_child.command(), parsing_child.environment(), limits)
    try:
        slow = made.docx("<w:p><w:r><w:t>글</w:t></w:r></w:p>" * 200_000)
        found = await pool.layout_of("", "slow.docx", slow)
        assert found is None or not found.complete
        assert (await pool.layout_of("", "a.docx", made.contract())).complete
    finally:
        await pool.close()


async def test_what_is_only_shown_is_drawn_in_a_child_that_can_open_nothing(children):
    from tests.jmap_server.test_big_files_viewed import pdf, photograph

    shown = await children.view_of("", "a.pdf", pdf(23), "lee@b.example", 20)
    assert (len(shown.pages), shown.first, shown.total) == (3, 20, 23)
    for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP"):
        [drawn] = (await children.view_of("", f"a.{form}", photograph(form), "lee@b.example", 0)).pages
        assert drawn.octets.startswith(b"\xff\xd8\xff"), form
    assert (await children.view_of("", "a.docx", made.contract(), "lee", 0)).layout.kind == "document"
    assert await children.view_of("", "a.bin", b"\0" * 99, "lee", 0) is None
    assert len(children.pids()) == 1
