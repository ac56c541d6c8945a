"""Domains: one that looks like a known one, or to which nobody of the company has written."""

from collections.abc import Iterator

from smartmail.formats.lookalike import likeness
from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution, domain_of
from smartmail.policy.misdelivery.scene import Scene

USUAL = 2
MAX_WARNINGS = 3


def find(scene: Scene) -> Iterator[Caution]:
    """Return recipients at domains that are new."""
    known = _known(scene)
    asked = {domain_of(one.address): one for one in scene.outside}
    count = 0
    for domain, one in asked.items():
        if domain in known or domain in scene.letter.known_domains or scene.is_expected(one.address):
            continue
        twin = _twin(domain, known, scene)
        if twin:
            kind, other = twin
            yield said(f"domain.{kind}", one.address, other, domain)
        else:
            yield said("domain.new", one.address, "", domain)
        count += 1
        if count == MAX_WARNINGS:
            return


def _known(scene: Scene) -> dict[str, int]:
    found: dict[str, int] = {}
    for address, known in scene.memory.people.items():
        domain = domain_of(address)
        found[domain] = found.get(domain, 0) + known.letters
    return found


def _twin(domain: str, known: dict[str, int], scene: Scene) -> tuple[str, str] | None:
    usual = sorted((one for one, letters in known.items() if letters >= USUAL), key=lambda one: -known[one])
    for other in (*usual, *sorted(scene.home)):
        kind = likeness(domain, other)
        if kind is not None:
            return kind, other
    return None
