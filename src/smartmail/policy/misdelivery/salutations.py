"""Salutations: the text addresses `김 부장님`, and no recipient is called so."""

import unicodedata
from collections.abc import Iterator
from typing import Literal

from smartmail.formats.person_names import fold, key_of, sounds_of, surname_sounds
from smartmail.formats.salutation import Addressed
from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution, Person
from smartmail.policy.misdelivery.scene import Scene

Answer = Literal["yes", "no", "unknown"]
MAX_KNOWN = 300
"""People of the memory who are asked whether they may be meant, those written to last."""


def find(scene: Scene) -> Iterator[Caution]:
    """Return the first salutation that fits nobody, or whose title is another one's."""
    people = scene.letter.recipients
    if not scene.addressed or not people or len(people) > MAX_KNOWN:
        return
    for name in scene.addressed:
        answers = {one.address: may_be(name, _called(scene, one)) for one in people}
        if "unknown" in answers.values():
            continue
        yes = [one for one in people if answers[one.address] == "yes"]
        shown = f"{name.name} {name.title}".strip()
        if not yes:
            yield _nobody(scene, name, shown)
            return
        wrong = [one for one in yes if _contradicts(scene, name, one)]
        if len(wrong) == len(yes) and (found := _other_title(scene, name, wrong[0], shown)):
            yield found
            return


def _nobody(scene: Scene, name: Addressed, shown: str) -> Caution:
    meant = _meant(scene, name)
    to = next((one.address for one in scene.letter.recipients if one.field == "to"), "")
    known = scene.known(to)
    if known is not None and (known.called, known.title) == (name.name, name.title):
        # So the sender has called them before: a nickname, a second name.
        return said("salutation.habit", to, "", shown)
    if meant:
        return said("salutation.nobody.meant" + _many(scene), to, meant, shown)
    return said("salutation.nobody" + _many(scene), to, "", shown)


def _many(scene: Scene) -> str:
    return "" if len(scene.letter.recipients) == 1 else ".many"


def _other_title(scene: Scene, name: Addressed, one: Person, shown: str) -> Caution | None:
    meant = _meant(scene, name)
    if meant and scene.fits(meant, (one.address,)) >= scene.fits(one.address, (meant,)):
        return said("salutation.title.meant" + _many(scene), one.address, meant, shown)
    return said("salutation.title", one.address, meant, shown)


def _called(scene: Scene, one: Person) -> tuple[str, ...]:
    known = scene.known(one.address)
    names = (one.name, "" if known is None else known.name)
    return tuple(dict.fromkeys(each for each in names if each))


def _contradicts(scene: Scene, name: Addressed, one: Person) -> bool:
    known = scene.known(one.address)
    titles = {one.title, "" if known is None else known.title} - {""}
    return bool(name.title and titles) and not any(name.title in title or title in name.title for title in titles)


def _meant(scene: Scene, name: Addressed) -> str:
    """Return a person of the memory who is called so, the one who fits best; "" for nobody."""
    here = {one.address for one in scene.letter.recipients}
    recent = sorted(scene.memory.people.items(), key=lambda one: one[1].last, reverse=True)[:MAX_KNOWN]
    found = [
        (scene.shared_words(address), known.letters, address)
        for address, known in recent
        if address not in here
        and may_be(name, (known.name,)) == "yes"
        and (not name.title or not known.title or known.title == name.title)
    ]
    return max(found)[2] if found else ""


def may_be(name: Addressed, names: tuple[str, ...]) -> Answer:
    """Say whether a person of these names may be addressed so; unknown where scripts cannot be compared."""
    answers = [_may_be(name, one) for one in names]
    if not answers:
        return "unknown"
    return "yes" if "yes" in answers else "no" if "no" in answers else "unknown"


def _may_be(name: Addressed, of: str) -> Answer:
    key, wanted = key_of(of), key_of(name.name)
    hangul, latin = _is(key, "가", "힣"), key.isascii()
    if name.script == "ko":
        if hangul:
            # 한빛전자 김민수: a company before the name.
            parts = [key, *(key_of(part) for part in of.split())]
            return _yes(any(one.startswith(wanted) or (len(wanted) > 1 and one.endswith(wanted)) for one in parts))
        return _sounds(wanted, of) if latin else "unknown"
    if name.script == "en":
        words = [fold(word) for word in name.name.lower().split()]
        if latin:
            return _yes(all(word in _latin_words(of) for word in words))
        return _yes(_heard(words, of)) if hangul else "unknown"
    # Chinese characters: in some order of surname and given name.
    plain = "".join(unicodedata.normalize("NFKC", of).split())
    if latin or hangul or not _is(plain[:1], "一", "龯"):
        return "unknown"
    return _yes(name.name in plain if name.script == "ja" else plain.startswith(name.name))


def _sounds(wanted: str, name: str) -> Answer:
    sounds = sounds_of(name)
    if not sounds:
        return "unknown"
    if len(wanted) == 1:
        return _yes(any(one.partition("/")[0] in surname_sounds(wanted) for one in sounds))
    return _yes(bool(sounds & sounds_of(wanted)) or any(fold(wanted) in one for one in sounds))


def _heard(words: list[str], name: str) -> bool:
    for one in sounds_of(name):
        surname, _, given = one.partition("/")
        if all(word in {surname, given, given + surname} or given.startswith(word) for word in words):
            return True
    return False


def _latin_words(name: str) -> set[str]:
    words = [fold(word) for word in name.lower().replace(",", " ").replace("-", "").split()]
    return {*words, "".join(words)}


def _is(text: str, low: str, high: str) -> bool:
    return bool(text) and all(low <= one <= high for one in text)


def _yes(so: bool) -> Answer:
    return "yes" if so else "no"
