"""Crowds: many people outside, of companies that have nothing to do with each other, who all see each other's address."""

from collections.abc import Iterator

from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution, domain_of
from smartmail.policy.misdelivery.scene import Scene

COMPANIES = 4
"""From so many on, a letter to all of them in To and Cc is looked at."""
MANY = 8
KNOWN = 0.8
"""Share of the pairs of companies who were written to together before."""


def find(scene: Scene) -> Iterator[Caution]:
    """Return one warning for a letter that should rather go by Bcc."""
    domains = sorted({domain_of(one.address) for one in scene.seen if not one.inside})
    if len(domains) < COMPANIES:
        return
    pairs = [frozenset((one, other)) for at, one in enumerate(domains) for other in domains[at + 1 :]]
    together = sum(scene.domains_together[one] > 0 for one in pairs)
    if together > KNOWN * len(pairs):
        return  # a group that has written to each other before
    many = "many" if len(domains) >= MANY else "some"
    yield said(f"crowd.{many}", "", "", str(sum(not one.inside for one in scene.seen)))
