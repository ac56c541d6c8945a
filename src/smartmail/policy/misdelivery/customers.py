"""Customers: the name of one customer is in a letter or a file that goes to another.

A word is a customer's where it was written to people of one domain outside and of no other; where it also sounds like the
domain (한빛전자, hanbit-elec.co.kr), once is enough.
"""

from collections.abc import Iterator
from typing import Final

from smartmail.formats.lookalike import split_domain
from smartmail.formats.person_names import fold, romanise
from smartmail.policy.misdelivery.confidences import said
from smartmail.policy.misdelivery.facts import Caution, domain_of
from smartmail.policy.misdelivery.scene import Scene
from smartmail.policy.misdelivery.topics import is_in, words_of

LEARNED: Final = 3
"""Letters after which a word is taken for a customer's though it does not sound like one, and the share of the letters to it."""
OFTEN: Final = 0.25
MOSTLY: Final = 0.7
"""Share of the letters outside with a word that went to one customer."""
IN_LETTERS: Final = 0.4
"""Share of all letters with the word that went to that customer: what colleagues read more often is a word of the trade."""
SELDOM: Final = 1
"""Letters in which a name may have been an example."""
MAX_WARNINGS: Final = 2


def find(scene: Scene) -> Iterator[Caution]:
    """Return names of customers who do not get the letter."""
    domains = {domain_of(one.address) for one in scene.outside}
    if not domains:
        return
    expected = domains | {domain_of(one) for one in scene.letter.earlier}
    found: dict[str, Caution] = {}
    owned = _owned(scene)
    both = any(owner in domains for owner in owned.values())
    for word, owner in owned.items():
        if owner in expected or _is_theirs(scene, word, expected):
            continue
        new = said(_sign(scene, word, owner, both=both), scene.outside[0].address, owner, word)
        if owner not in found or new.confidence > found[owner].confidence:
            found[owner] = new
    yield from sorted(found.values(), key=lambda one: one.confidence, reverse=True)[:MAX_WARNINGS]


def _owned(scene: Scene) -> dict[str, str]:
    """Return the words of the letter that belong to a customer, with its domain."""
    found: dict[str, str] = {}
    for word in scene.all_words:
        if owner := _owner(scene, word):
            found[word] = owner
    letters = scene.domain_letters
    for word in words_of(scene.letter.subject, scene.letter.files, ""):
        if word not in scene.memory.topics and (owner := next((one for one in letters if is_name_of(word, one)), "")):
            found[word] = owner
    return found


def _owner(scene: Scene, word: str) -> str:
    topic = scene.memory.topics[word]
    domain, count = max(topic.domains.items(), key=lambda one: one[1], default=("", 0))
    if not domain:
        return ""
    if is_name_of(word, domain):
        return domain
    mostly = count >= MOSTLY * sum(topic.domains.values()) and count >= IN_LETTERS * topic.letters
    return domain if mostly and count >= LEARNED and count >= OFTEN * scene.domain_letters.get(domain, 0) else ""


def _sign(scene: Scene, word: str, owner: str, *, both: bool) -> str:
    letter = scene.letter
    place = "file" if is_in(word, letter.files) else "subject" if is_in(word, (letter.subject,)) else "text"
    kind = "name" if is_name_of(word, owner) else "word"
    return f"customer.{kind}.{place}" + (".both" if both and place != "file" else "")


def _is_theirs(scene: Scene, word: str, domains: set[str]) -> bool:
    """Say whether a word is a name of those who get the letter, or went to them before."""
    topic = scene.memory.topics.get(word)
    before = 0 if topic is None else sum(topic.domains.get(one, 0) for one in domains)
    return before > SELDOM or any(is_name_of(word, one) for one in domains)


def is_name_of(word: str, domain: str) -> bool:
    """Say whether a word may be what a domain is named after: by its letters or by its sound."""
    label = split_domain(domain)[0].replace("-", "")
    if word.isascii():
        return len(word) >= 4 and (word.replace("-", "") in label or label in word)
    for size in range(len(word), 1, -1):
        if "가" <= word[0] <= "힣":
            heard = fold(romanise(word[:size]))
            if len(heard) >= 4 and fold(label).startswith(heard):
                return True
    return False
