"""Every item of the policy is read in words: a short name, what its numbers count, and the word of each value."""

import json
from pathlib import Path

import pytest

from smartmail.base.i18n import LANGUAGES
from smartmail.policy.kinds import Choice, Count, Names
from smartmail.policy.knobs import KNOBS, Knob

ROOT = Path(__file__).parents[3]
SERVER = {
    language: json.loads((ROOT / f"src/smartmail/app/catalogues/{language}.json").read_text()) for language in LANGUAGES
}
ADMIN = {language: json.loads((ROOT / f"web/i18n/admin/{language}.json").read_text()) for language in LANGUAGES}
MOST = {"ko": 16, "en": 32, "ja": 18, "zh-Hans": 18, "zh-Hant": 18}
"""Characters of a short name."""
COMPUTED = {"oclock", "offset"}
"""Values that the web makes of their unit: an hour, the difference to UTC."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_has_a_short_name_of_its_own(language):
    names = {knob.name: SERVER[language][knob.title_key] for knob in KNOBS.values()}
    assert {name: title for name, title in names.items() if not 0 < len(title) <= MOST[language]} == {}
    assert {title for title in names.values() if title.endswith((".", "。"))} == set(), "a noun, no sentence"
    assert len(set(names.values())) == len(names), "two items have one name"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_says_what_it_counts_and_what_its_0_means(language):
    counts = [knob for knob in KNOBS.values() if isinstance(knob.kind, Count)]
    assert [knob.name for knob in counts if knob.unit is None] == []
    units = {knob.unit for knob in counts} - {"octets"}
    wanted = {f"unit.{unit}" for unit in units} | {f"unitName.{unit}" for unit in units}
    wanted |= {f"zero.{knob.zero}" for knob in counts if knob.zero is not None}
    assert wanted <= ADMIN[language].keys()
    zeros = {knob.name for knob in counts if knob.zero is not None}
    assert zeros == {knob.name for knob in counts if knob.kind.zero_is_none or knob.kind.least == 0}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_that_can_be_chosen_has_a_word(language):
    missing = [
        f"{knob.name} {word}" for knob in KNOBS.values() for word in chosen_from(knob)
        if not {f"choice.{knob.name}.{word}", f"choice.{word}"} & ADMIN[language].keys()
    ]  # fmt: skip
    assert missing == []


def chosen_from(knob: Knob) -> tuple[str, ...]:
    """Return the values of an item that need a word of the catalogue; languages are written in their own."""
    if knob.unit in COMPUTED:
        return ()
    words = knob.kind.words if isinstance(knob.kind, Choice) else ()
    names = knob.kind.names if isinstance(knob.kind, Names) else ()
    return tuple(one for one in (*words, *names) if one not in LANGUAGES)
