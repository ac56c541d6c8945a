"""Homonyms (동명이인): another person of the name than the one whom the sender usually writes to."""

from collections.abc import Iterator

from smartmail.formats.person_names import key_of
from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution
from smartmail.policy.misdelivery.scene import MOST_WEIGHED, USUAL, Scene


def find(scene: Scene) -> Iterator[Caution]:
    """Return homonyms among the recipients."""
    if len(scene.letter.recipients) > MOST_WEIGHED:
        return
    here = {one.address for one in scene.letter.recipients}
    for one in scene.letter.recipients:
        key = key_of(one.name)
        if not key or scene.is_expected(one.address):
            continue
        others = [other for other in scene.by_name.get(key, ()) if other not in here]
        others.sort(key=scene.letters_to, reverse=True)
        if others:
            yield said(_sign(scene, one.address, others[0]), one.address, others[0], one.name)


def _sign(scene: Scene, address: str, other: str) -> str:
    mine, theirs = scene.letters_to(address), scene.letters_to(other)
    if scene.is_expected(other):
        return "homonym.answered"
    fit = scene.fits(other, (address,)) - scene.fits(address, (other,))
    when = "first" if mine == 0 else "rare" if mine * USUAL <= theirs else "known"
    usual = "" if theirs >= USUAL else ".seldom"
    return f"homonym.{when}.{'fits' if fit > 1 else 'near' if fit == 1 else 'alike' if fit == 0 else 'worse'}{usual}"
