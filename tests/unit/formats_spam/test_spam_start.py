"""The model that is shipped: made from its recipes, read back as it was made, and harmless to the business mail of others."""

from array import array

import pytest
from tests.bench.held_out import letters
from tools.start_model import build, recipe

from smartmail.app.wiring.protection import shipped_start
from smartmail.formats.spam import model
from smartmail.formats.spam.counts import ENOUGH, Counts
from smartmail.formats.spam.judging import JUNK_Z, START_LEAST, START_MOST, Judges, start_z, z_of
from smartmail.formats.spam.scripts import read
from smartmail.formats.spam.start import DIGEST_SIZE, packed, unpacked
from smartmail.service.protection.filtering.learning import message_tokens


def test_the_shipped_model_is_made_from_the_recipes_as_they_are():
    """Fails when a recipe was changed and the model was not made anew (python -m tools.start_model.build)."""
    octets = build.SHIPPED.read_bytes()
    assert octets[2 : 2 + DIGEST_SIZE] == build.sources()
    assert len(octets) < 120_000
    assert unpacked(octets).counts.short_of() == []


def test_the_same_recipes_make_the_same_bytes():
    assert build.build(24) == build.build(24)


def test_a_recipe_is_all_files_of_its_language(tmp_path):
    """Whoever adds lines adds a file: kinds of the same name are one, and no other language reads it."""
    (tmp_path / "ko.txt").write_text("[*]\nhello|\nbye|\nas agreed|\n[mail]\n= one\nfirst\n", "utf-8")
    (tmp_path / "ko_second.txt").write_text("[mail]\nsecond\n[!lure]\n= two\nthird\n", "utf-8")
    (tmp_path / "en_second.txt").write_text("[other]\n= three\nfourth\n", "utf-8")
    found = recipe.load("ko", tmp_path)
    assert {name: kind.lines for name, kind in found.kinds.items()} == {"mail": ["first", "second"], "!lure": ["third"]}
    assert (found.kinds["mail"].subjects, found.kinds["!lure"].spam) == (["one"], True)
    assert {one.kind for one in recipe.messages("ko", 8, 1, folder=tmp_path)} == {"mail", "!lure"}


@pytest.mark.parametrize("language", recipe.LANGUAGES)
def test_a_recipe_has_as_many_kinds_of_good_mail_as_of_spam_and_no_line_twice(language):
    kinds = recipe.load(language).kinds
    lines = [line for kind in kinds.values() for line in kind.lines]
    assert len(lines) == len(set(lines))
    assert all(kind.subjects and kind.lines for kind in kinds.values())
    assert 0.4 < sum(not kind.spam for kind in kinds.values()) / len(kinds) < 0.75
    assert all("{" not in recipe._filled(line, recipe.random.Random(1)) for line in lines)


def test_held_out_letters_share_no_sentence_with_the_recipes():
    folder = build.HERE.parents[1] / "tests" / "bench" / "held_out"
    held_out = "\n".join(one.read_text("utf-8") for one in sorted(folder.rglob("*.txt")))
    for language in recipe.LANGUAGES:
        for kind in recipe.load(language).kinds.values():
            assert not [line for line in kind.lines if line in held_out]


def test_cold_it_loses_no_good_letter_and_catches_spam_in_each_language():
    """Guards the direction, with room: the figures are in docs/spam-quality.md."""
    judges = Judges(shipped_start(), None)
    for language in ("ko", "en", "zh"):
        said = [
            (z_of(judges, read(message_tokens(one.octets))), one.spam) for one in letters() if one.language == language
        ]
        assert not [z for z, spam in said if not spam and z >= START_MOST], language
        caught = [z >= START_MOST for z, spam in said if spam]
        assert sum(caught) > len(caught) / 4, language


def test_the_start_alone_puts_nothing_into_junk():
    """Nobody of the company taught it: two or three words of a first letter are no proof."""
    assert START_MOST <= JUNK_Z * 0.8


def test_what_a_company_teaches_outweighs_the_start():
    start, company = shipped_start(), model.Weights()
    some = [read(message_tokens(one.octets)) for one in letters() if one.spam and one.language == "ko"]
    [wrong, *_] = [one for one in some if start_z(start, one) == START_MOST]
    own = model.Own()
    student = model.Student(company, own)
    student.learn(wrong.numbers, wrong.script, spam=False, start=start_z(start, wrong))
    student.end()
    assert z_of(Judges(start, company, own), wrong) < 0


def test_the_start_is_bounded_and_silent_about_other_scripts_and_no_words():
    start = shipped_start()
    russian = read(["отчёт", "квартал", "деньги", "срочно"])
    assert start_z(start, russian) == 0
    assert start_z(start, read(["t:a", "p:text/html"])) == 0
    assert start_z(None, russian) == 0
    loud = model.Weights(array("f", [99.0]) * model.SIZE, counts=start.counts)
    assert start_z(loud, read(["money"])) == START_MOST
    quiet = model.Weights(array("f", [-99.0]) * model.SIZE, counts=start.counts)
    assert start_z(quiet, read(["money"])) == START_LEAST


def test_a_shipped_model_comes_back_and_a_damaged_one_is_refused():
    counts = Counts()
    counts.add("han", ENOUGH, spam=True)
    values = [0.0] * model.SIZE
    values[0], values[255], values[700], values[model.SIZE - 1] = 1.0, -2.0, 0.5, 2.0
    octets = packed(values, counts, b"d" * 32)
    again = unpacked(octets)
    assert [again.values[one] for one in (0, 255, 700, model.SIZE - 1)] == pytest.approx([1, -2, 0.5, 2], abs=0.01)
    assert sum(map(bool, again.values)) == 4
    assert (again.counts.bad["han"], again.bad) == (ENOUGH, ENOUGH)
    for damaged in (b"", octets[:40], octets[:-1], b"X" + octets[1:], octets + b"\xff" * 2_000 + b"\x01\x01"):
        with pytest.raises(ValueError, match=r"."):
            unpacked(damaged)
