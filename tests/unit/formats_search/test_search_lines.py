"""What people type into a search box."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.search.line import MAX_ASKED, About, Asked, Group, Line, parse


def text(value: str) -> Asked:
    return Asked(About.TEXT, value)


def every(*parts: Line) -> Group:
    return Group("AND", parts)


def star(*bits: int) -> Group:
    asked = (Asked(About.KEYWORD if bit else About.NO_KEYWORD, f"$mailflagbit{at}") for at, bit in enumerate(bits))
    return every(Asked(About.KEYWORD, "$flagged"), *asked)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("", every()),
        ("회의", text("회의")),
        ('"회의 자료"', text("회의 자료")),
        ("회의 자료", every(text("회의"), text("자료"))),
        ("from:김민지", Asked(About.FROM, "김민지")),
        ('보낸사람:"김 민지"', Asked(About.FROM, "김 민지")),
        ("제목:견적", Asked(About.SUBJECT, "견적")),
        ("件名:会議", Asked(About.SUBJECT, "会議")),
        ("FROM:Kim", Asked(About.FROM, "Kim")),
        ("has:attachment", Asked(About.ATTACHMENT)),
        ("has:첨부", Asked(About.ATTACHMENT)),
        ("is:unread", Asked(About.NO_KEYWORD, "$seen")),
        ("is:별표", Asked(About.KEYWORD, "$flagged")),
        ("is:중요", Asked(About.IMPORTANT)),
        ("-is:important", Group("NOT", (Asked(About.IMPORTANT),))),
        ("별:파랑", star(0, 0, 1)),
        ("별표:빨강", star(0, 0, 0)),
        ("star:Orange", star(1, 0, 0)),
        ("スター:緑", star(1, 1, 0)),
        ("星标:灰色", star(0, 1, 1)),
        ("-星號:紫色", Group("NOT", (star(1, 0, 1),))),
        ("in:보관함/2025", Asked(About.MAILBOX, "보관함/2025")),
        ("-tag:개인", Group("NOT", (Asked(About.TAG, "개인"),))),
        ("larger:5M", Asked(About.LARGER, 5 << 20)),
        ("smaller:10kb", Asked(About.SMALLER, 10 << 10)),
        ("size:<2G", Asked(About.SMALLER, 2 << 30)),
        ("size:1k..2k", every(Asked(About.LARGER, 1024), Asked(About.SMALLER, 2049))),
        ("after:2026-01-31", Asked(About.AFTER, date(2026, 1, 31))),
        ("before:2026.2.1", Asked(About.BEFORE, date(2026, 2, 1))),
        ("on:2026-12", every(Asked(About.AFTER, date(2026, 12, 1)), Asked(About.BEFORE, date(2027, 1, 1)))),
        ("date:2025", every(Asked(About.AFTER, date(2025, 1, 1)), Asked(About.BEFORE, date(2026, 1, 1)))),
        (
            "기간:2026-01-01..2026-03-31",
            every(Asked(About.AFTER, date(2026, 1, 1)), Asked(About.BEFORE, date(2026, 4, 1))),
        ),
        ("newer_than:2w", Asked(About.NEWER, 14)),
        ("최근:7일", Asked(About.NEWER, 7)),
        ("older_than:1y", Asked(About.OLDER, 365)),
        ("a OR b", Group("OR", (text("a"), text("b")))),
        ("a OR b OR c", Group("OR", (text("a"), text("b"), text("c")))),
        ("a b OR c", every(text("a"), Group("OR", (text("b"), text("c"))))),
        ("(a b) OR c", Group("OR", (every(text("a"), text("b")), text("c")))),
        ("-(a OR b)", Group("NOT", (Group("OR", (text("a"), text("b"))),))),
        ("NOT a", Group("NOT", (text("a"),))),
    ],
)
def test_operators(line: str, asked: Line):
    assert parse(line) == asked


@pytest.mark.parametrize(
    "line",
    [
        "10:30",
        "first:x",
        "http://a.example/b",
        "e-mail",
        "after:2026-02-30",
        "larger:big",
        "has:fun",
        "is:it",
        "on:9999-12-31",
        "star:bright",
        "별:똥별",
    ],
)
def test_what_is_no_operator_is_text(line: str):
    assert parse(line) == text(line)


@pytest.mark.parametrize("line", ["OR a", "a OR", "(a", "a)", ") a (", "((((((((((((a))))))))))))", "from: "])
def test_a_line_in_the_making_is_no_error(line: str):
    assert "a" in repr(parse(line)) or line == "from: "


def test_a_line_has_a_bound():
    assert repr(parse(" ".join(f"w{number}" for number in range(500)))).count("Asked(") == MAX_ASKED


@given(st.text(max_size=300))
def test_any_line_parses(line: str):
    parse(line)
