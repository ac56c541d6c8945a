"""Patterns of LIST, also hostile ones."""

import time

import pytest

from smartmail.proto.imap.commands import List, ListSelect, Lsub
from smartmail.proto.imap.listing import Listed, Pattern, select_rows


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "a/b", True),
        ("%", "a/b", False),
        ("%", "a", True),
        ("a/%", "a/b", True),
        ("a/%", "a/b/c", False),
        ("a/*", "a/b/c", True),
        ("%/%", "a/b", True),
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
        ("%*", "a/b", True),
        ("*%", "a/b", True),
        ("inbox", "INBOX", True),
        ("inbox/x", "INBOX/x", True),
        ("INBOXES", "INBOXES", True),
        ("", "", True),
        ("회*", "회의록", True),
        ("회%록", "회의/록", False),
    ],
)
def test_patterns(pattern, name, matches):
    assert Pattern(pattern, "/").matches(name) is matches


def test_hostile_patterns_are_linear():
    started = time.process_time()
    assert not Pattern("*a" * 500 + "b", "/").matches("a" * 1_000)
    assert not Pattern("%*" * 500 + "b", "/").matches("a/" * 500)
    assert not Pattern("*" * 5_000, "/").matches("x")
    assert time.process_time() - started < 1.0


def test_reference_is_joined():
    boxes = [Listed("INBOX"), Listed("a"), Listed("a/b")]
    assert [row.name for row in select_rows(List("a/", ("%",)), boxes)] == ["a/b"]
    assert [row.name for row in select_rows(List("a", ("*",)), boxes)] == ["a", "a/b"]


def test_names_come_as_the_tree_reads():
    """Also those that are no mailboxes: a parent stands before what is below it, a deleted name where it was."""
    boxes = [
        Listed("b", subscribed=True), Listed("a-b", subscribed=True), Listed("INBOX", subscribed=True),
        Listed("a/x/y", subscribed=True), Listed("a/k", subscribed=True, exists=False), Listed("c/d", subscribed=True),
    ]  # fmt: skip
    below = List("", ("*",), frozenset({ListSelect.SUBSCRIBED, ListSelect.RECURSIVEMATCH}), extended=True)
    told = [row.name for row in select_rows(below, boxes)]
    assert told == ["INBOX", "a", "a/k", "a/x", "a/x/y", "a-b", "b", "c", "c/d"]
    told = [row.name for row in select_rows(Lsub("", "%"), boxes)]
    assert told == ["INBOX", "a", "a-b", "b", "c"]


def test_noinferiors_is_told():
    rows = select_rows(List("", ("*",)), [Listed("INBOX", inferiors=False)])
    assert rows[0].attributes == ("\\Noinferiors",)
