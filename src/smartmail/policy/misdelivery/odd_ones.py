"""Odd ones: a recipient who is never among these, who usually appear together."""

from collections.abc import Iterator

from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution, Person, domain_of
from smartmail.policy.misdelivery.scene import Scene

LEAST = 3
"""Recipients, the odd one among them."""
MOST = 20
TOGETHER = 2
"""Letters after which people belong together."""


def find(scene: Scene) -> Iterator[Caution]:
    """Return the odd one, where there is exactly one."""
    people = scene.letter.recipients
    if len(people) == 2 and not people[0].inside and not people[1].inside:
        yield from _two_customers(scene)
        return
    if not LEAST <= len(people) <= MOST:
        return
    met = {one.address: scene.met(one.address) for one in people}
    odd = [one for one in people if met[one.address] == 0]
    rest = [one for one in people if met[one.address] >= TOGETHER]
    if len(odd) != 1 or len(rest) < len(people) - 2 or scene.is_expected(odd[0].address):
        return
    sign = _sign(scene, odd[0], rest)
    if sign:
        yield said(sign, odd[0].address)


def _sign(scene: Scene, odd: Person, rest: list[Person]) -> str:
    domains = {domain_of(one.address) for one in rest}
    if domain_of(odd.address) in domains and not odd.inside:
        return ""
    outside = {domain_of(one.address) for one in rest if not one.inside}
    words = "" if scene.shared_words(odd.address) == 0 else ".words"
    if not odd.inside and outside:
        return "odd.customer" + words
    known = "known" if scene.letters_to(odd.address) else "first"
    where = "inside" if odd.inside else "outside"
    return f"odd.{where}.{known}{words}"


def _two_customers(scene: Scene) -> Iterator[Caution]:
    one, other = scene.letter.recipients
    pair = frozenset((domain_of(one.address), domain_of(other.address)))
    if (
        len(pair) < 2
        or scene.domains_together[pair]
        or scene.is_expected(one.address)
        or scene.is_expected(other.address)
    ):
        return
    rare = min((one, other), key=lambda who: (scene.shared_words(who.address), scene.letters_to(who.address)))
    yield said("odd.customer", rare.address)
