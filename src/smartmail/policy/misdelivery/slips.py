"""Slips of automatic completion: an address or a name near to the usual one, which would fit better."""

from collections.abc import Iterator
from typing import Final

from smartmail.formats.lookalike import distance
from smartmail.formats.person_names import key_of
from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution, Person, domain_of
from smartmail.policy.misdelivery.scene import MOST_WEIGHED, USUAL, Scene

STARTED: Final = 3
"""Letters of an address that a program completes from."""


def find(scene: Scene) -> Iterator[Caution]:
    """Return recipients near to whom a person usual is missing."""
    if len(scene.letter.recipients) > MOST_WEIGHED:
        return
    here = {one.address for one in scene.letter.recipients}
    for one in scene.letter.recipients:
        if scene.is_expected(one.address):
            continue
        best: Caution | None = None
        for other, known in scene.memory.people.items():
            if other in here or known.letters < USUAL or not _near(one, other, known.name):
                continue
            new = said(_sign(scene, one, other), one.address, other)
            if best is None or new.confidence > best.confidence:
                best = new
        if best is not None:
            yield best


def _near(one: Person, other: str, name: str) -> bool:
    local, theirs = one.address.partition("@")[0], other.partition("@")[0]
    if local == theirs or (local[:STARTED] == theirs[:STARTED] and distance(local, theirs, 3) <= 3):
        return True
    mine, his = key_of(one.name), key_of(name)
    return len(mine) >= 2 and mine != his and mine[:2] == his[:2] and distance(mine, his, 1) <= 1


def _sign(scene: Scene, one: Person, other: str) -> str:
    local, theirs = one.address.partition("@")[0], other.partition("@")[0]
    mine = scene.letters_to(one.address)
    if scene.is_expected(other):
        return "slip.answered"
    when = "first" if mine == 0 else "rare" if mine <= 2 else "known"
    fit, own = scene.fits(other, (one.address,)), scene.fits(one.address, (other,))
    how = "fits" if fit - own > 1 else "near" if fit - own == 1 else "alike"
    same = ".same" if local == theirs and domain_of(one.address) != domain_of(other) else ""
    return f"slip.{when}.{how}{same}" + (".belongs" if own and not same else "")
