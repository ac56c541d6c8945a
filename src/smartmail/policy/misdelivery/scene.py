"""Scene: a letter seen with the memory of its sender, and the questions that all signals ask.

How well a person fits a letter is what earlier letters say: was this person written to together with the others, and did
letters with these words go to them?
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from smartmail.domain.correspondence import Correspondence, Known, mark_of
from smartmail.formats.person_names import key_of
from smartmail.formats.salutation import Addressed, addressed
from smartmail.policy.misdelivery.facts import Letter, Person, domain_of
from smartmail.policy.misdelivery.topics import topics_in

USUAL: Final = 3
"""Letters after which a person is one whom the sender usually writes to."""
MOST_WEIGHED: Final = 15
"""Recipients of a letter each of whom is weighed against others: one of many is not the one that matters, and each costs time."""
FEW_READERS: Final = 8
"""A word of more says nothing of who shall read it."""


@dataclass
class Scene:
    """One letter and one memory; nothing is changed."""

    letter: Letter
    memory: Correspondence
    home: frozenset[str] = frozenset()

    @cached_property
    def addressed(self) -> list[Addressed]:
        """Whom the text addresses."""
        return addressed(self.letter.text)

    @cached_property
    def marks(self) -> dict[str, int]:
        """Marks of the recipients."""
        return {one.address: mark_of(one.address) for one in self.letter.recipients}

    @cached_property
    def by_mark(self) -> dict[int, str]:
        """Addresses of all who were ever written to, by their marks."""
        return {mark_of(one): one for one in self.memory.people}

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Addresses of all who were ever written to, by the key of their name."""
        found: dict[str, list[str]] = {}
        for address, known in self.memory.people.items():
            if key := key_of(known.name):
                found.setdefault(key, []).append(address)
        return found

    @cached_property
    def words(self) -> list[str]:
        """Those that say something of who reads them."""
        found = self.all_words
        return [one for one in found if len(self.memory.topics[one].readers) <= FEW_READERS]

    @cached_property
    def all_words(self) -> list[str]:
        """Words of the letter that the memory has."""
        return topics_in(self.memory.topics, self.letter.subject, self.letter.files, self.letter.text)

    @cached_property
    def outside(self) -> list[Person]:
        """Recipients of other companies."""
        return [one for one in self.letter.recipients if not one.inside]

    @cached_property
    def seen(self) -> list[Person]:
        """Recipients whom all others see."""
        return [one for one in self.letter.recipients if one.field != "bcc"]

    def known(self, address: str) -> Known | None:
        """Return what is remembered of a person."""
        return self.memory.people.get(address)

    def letters_to(self, address: str) -> int:
        """Return how many letters went to a person."""
        known = self.memory.people.get(address)
        return 0 if known is None else known.letters

    def is_expected(self, address: str) -> bool:
        """Say whether a person had part in the message that is answered."""
        return address in self.letter.earlier

    def met(self, address: str, but: Iterable[str] = ()) -> int:
        """Return how often a person was written to together with other recipients of the letter."""
        own, left = mark_of(address), {address, *but}
        others = {mark for one, mark in self.marks.items() if one not in left}
        return self._meetings(own, others)

    def _meetings(self, own: int, others: set[int]) -> int:
        return sum(own in circle and not others.isdisjoint(circle) for circle in self.memory.circles)

    def shared_words(self, address: str) -> int:
        """Return how many words of the letter that few people read were written to a person before."""
        own = mark_of(address)
        return sum(own in self.memory.topics[one].readers for one in self.words)

    def fits(self, address: str, but: Iterable[str] = ()) -> int:
        """Return how well a person fits: 0 not at all, up to 4."""
        met = self.met(address, but)
        return (met > 1) + (met > 4) + min(2, self.shared_words(address))

    @cached_property
    def domains_together(self) -> Counter[frozenset[str]]:
        """How often two domains outside were in one letter."""
        found: Counter[frozenset[str]] = Counter()
        for circle in self.memory.circles:
            domains = sorted({domain_of(self.by_mark[one]) for one in circle if one in self.by_mark})
            found.update(frozenset((a, b)) for at, a in enumerate(domains) for b in domains[at + 1 :])
        return found

    @cached_property
    def domain_letters(self) -> dict[str, int]:
        """Domains outside that were written to, with the letters to whom there got most."""
        found: dict[str, int] = {}
        for address, known in self.memory.people.items():
            domain = domain_of(address)
            if domain not in self.home:
                found[domain] = max(found.get(domain, 0), known.letters)
        return found
