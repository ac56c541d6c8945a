"""The mail of our own making is what docs/made-mail.md says, and the figures of the comparison are what they are called."""

import re

import pytest
from tests.bench.made_mail import made
from tests.bench.made_sentences import JAPANESE, KOREAN
from tests.bench.spam_quality import Figures, Own, halves, masked

from smartmail.formats.mime.scanner import scan
from smartmail.formats.summary import build


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_the_same_call_makes_the_same_octets(language):
    assert made(language, 50) == made(language, 50)
    assert made(language, 50) != made(language, 50, seed=2)


@pytest.mark.parametrize(("language", "words"), [("ko", KOREAN), ("ja", JAPANESE)])
def test_every_kind_comes_as_often_good_as_bad(language, words):
    found = made(language, 160)
    assert sum(one.spam for one in found) == 80
    assert {one.kind for one in found if one.spam} == set(words.bad)
    assert {one.kind for one in found if not one.spam} == set(words.good)


@pytest.mark.parametrize("words", [KOREAN, JAPANESE])
def test_sentences_are_written_once(words):
    sentences = [line for side in (words.good, words.bad) for pool in side.values() for line in pool[1]]
    assert len(sentences) == len(set(sentences))
    assert all(len(pool[1]) % 2 == 0 for side in (words.good, words.bad) for pool in side.values())


def test_messages_are_whole_and_read_in_their_charset():
    for one in made("ko", 60):
        summary = build(scan(one.octets))
        assert re.search("[가-힣]", summary.subject)
        assert re.search("[가-힣]", summary.preview)
        assert "\ufffd" not in summary.preview
        assert summary.from_


def test_only_fields_of_the_author_are_kept():
    octets = b"Received: x\nFrom: a@b.test\nList-Id: <l>\nX-Spam: y\nSubject: s\n t\nDate: z\n\nbody\n"
    assert masked(b"From nobody Thu\n" + octets) == b"From: a@b.test\nSubject: s\n t\n\nbody\n"


def test_figures_are_what_they_are_called():
    figures = Figures()
    figures.add([3.0, 2.0, 1.0, 0.0], [True, True, False, False], 1.0)
    assert (figures.roca, figures.caught) == ([0.0], [100.0])
    figures.add([0.0, 1.0, 2.0, 3.0], [True, True, False, False], 1.0)
    assert (figures.roca[-1], figures.caught[-1]) == (100.0, 0.0)
    figures.add([1.0, 1.0], [True, False], 1.0)
    assert figures.roca[-1] == 50.0


def test_the_own_filter_learns_both_languages():
    """Guards against a filter that forgot to read one: in one direction only, with room above what is measured."""
    for language in ("ko", "ja"):
        train, test = halves(language, 1, 600)
        figures = Figures()
        figures.add(Own()(train, [octets for octets, _spam in test]), [spam for _octets, spam in test], 0.0)
        assert figures.roca[0] <= 1.0, language
