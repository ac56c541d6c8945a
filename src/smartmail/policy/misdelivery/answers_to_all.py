"""Answers to all that are for one: the text speaks to one person, and a crowd will read it."""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution
from smartmail.policy.misdelivery.salutations import may_be
from smartmail.policy.misdelivery.scene import Scene

MANY: Final = 6
SHORT: Final = 60
_BETWEEN_US: Final = re.compile(
    r"우리끼리|둘이서|혼자만|너만|만 알고|공유하지|비밀|솔직히|개인적으로|따로 (?:말씀|설명)|모르시게|말(?:씀)?하지 마|연봉|급여|이직|병원|생일|결혼|점심|"
    r"한잔|술|담배|계좌번호|ここだけ|内密|内緒|個人的|内々|正直|飲み|誕生日|給料|between us|don'?t (?:forward|tell)|off the record|privately|"
    r"frankly|salary|birthday|lunch|私下|别告诉|別告訴|保密|坦白|工资|薪水|吃饭"
)


def find(scene: Scene) -> Iterator[Caution]:
    """Return one warning for an answer to many that reads like one to the author alone."""
    letter = scene.letter
    people = letter.recipients
    if not letter.answers or len(people) < MANY:
        return
    sign = ".private" if _BETWEEN_US.search(letter.text.lower()) else ""
    author = next((one for one in people if one.address == letter.answers), None)
    if author is not None and len(scene.addressed) == 1 and may_be(scene.addressed[0], (author.name,)) == "yes":
        sign += ".author"
    if len(letter.text.strip()) <= SHORT and not letter.files:
        sign += ".short"
    if sign:
        yield said("everybody" + sign, "", letter.answers, str(len(people)))
