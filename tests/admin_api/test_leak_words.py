"""What leak prevention can say of a rule, a finding or a letter is told in words by the admin web, in each of its languages."""

import json
from pathlib import Path
from typing import get_args

import pytest

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.leaks import ACTIONS, CONFIDENCES, EXITS, Direction, Outcome, RecipientClass, ReviewState, Stage
from smartmail.formats import file_names
from smartmail.formats.leaks.detecting import DETECTORS
from smartmail.policy.leak_conditions import FACTS

WORDS = {
    language: json.loads((Path(__file__).parents[2] / f"web/i18n/admin/{language}.json").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
SAID = {
    "leakDetector": DETECTORS, "leakFact": FACTS, "leakAct": (*ACTIONS, "object"), "leakExit": EXITS, "leakSure": CONFIDENCES,
    "leakClass": get_args(RecipientClass), "leakStage": get_args(Stage), "leakDirection": get_args(Direction),
    "leakOutcome": get_args(Outcome), "incidentState": get_args(ReviewState), "leakKind": {kind for _, kind in file_names._MAGIC},
}  # fmt: skip


@pytest.mark.parametrize("group", SAID)
def test_each_has_words_and_no_word_is_left_over(group):
    for language, catalogue in WORDS.items():
        told = {key.removeprefix(f"{group}.") for key in catalogue if key.startswith(f"{group}.")}
        # "off": a rule outside its period, which the screen alone says.
        assert told - {"off"} == set(SAID[group]), language


def test_the_form_offers_every_fact_action_exit_and_kind():
    source = Path(__file__).parents[2] / "web/admin/src/screens/leaks"
    text = "".join((source / name).read_text(encoding="utf-8") for name in ("condition.ts", "rule.ts"))
    text += (source.parents[1] / "resources/leak-incidents.ts").read_text(encoding="utf-8")
    for group in ("leakFact", "leakAct", "leakExit", "leakKind", "leakClass"):
        assert [one for one in SAID[group] if f"'{one}'" not in text] == [], group
