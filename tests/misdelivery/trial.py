"""A trial: letters of a made company are sent, the guard is asked before each, and what it said is counted (docs/misdelivery.md).

`names` has the words, `company` people, customers and what changes over time, `sending` the ordinary letters, `mistakes` what goes
wrong with one of them. None of these knows how the guard works; here alone it is asked.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.misdelivery.company import HOME, Company, Worker
from tests.misdelivery.mistakes import KINDS, Mistakes
from tests.misdelivery.sending import Office, Sent

from smartmail.domain.correspondence import Correspondence
from smartmail.formats.lookalike import registered
from smartmail.policy.misdelivery import Caution, Letter, Person, findings, learn, total
from smartmail.policy.misdelivery.confidences import THRESHOLD


@dataclass
class Outcome:
    """What came of a trial. `scores`: summed confidence with the kind of mistake, "" for a letter without one."""

    normal: int = 0
    prompts: int = 0
    planted: Counter[str] = field(default_factory=Counter[str])
    caught: Counter[str] = field(default_factory=Counter[str])
    prompted: Counter[str] = field(default_factory=Counter[str])
    seconds: list[float] = field(default_factory=list[float])
    scores: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    seen: list[tuple[str, str, list[Caution]]] = field(default_factory=list[tuple[str, str, list[Caution]]])

    def add(self, other: "Outcome") -> None:
        """Take in another trial."""
        self.normal, self.prompts = self.normal + other.normal, self.prompts + other.prompts
        for mine, theirs in (
            (self.planted, other.planted),
            (self.caught, other.caught),
            (self.prompted, other.prompted),
        ):
            mine.update(theirs)
        self.seconds += other.seconds
        self.scores += other.scores
        self.seen += other.seen

    @property
    def share_caught(self) -> float:
        return sum(self.caught.values()) / max(1, sum(self.planted.values()))

    @property
    def share_prompts(self) -> float:
        return self.prompts / max(1, self.normal)


class Trial:
    """One company."""

    def __init__(self, seed: int, people: int = 500, customers: int = 300, *, keep: bool = False) -> None:
        self.company = Company(seed, people, customers)
        self.office = Office(self.company)
        self.mistakes = Mistakes(self.company, self.office)
        self.memories: dict[str, Correspondence] = {}
        self.domains: set[str] = set()
        self.keep = keep
        self.outcome = Outcome()

    def warm(self, letters: int) -> None:
        """Send letters that only teach."""
        for _ in range(letters):
            self.company.pass_time()
            sent = self.office.letter()
            self._learn(sent)

    def run(self, letters: int, mistakes: int, progress: Callable[[int], None] = lambda _done: None) -> Outcome:
        """Send letters, so many of them with a mistake."""
        planted = self._planned(letters, mistakes)
        for at in range(letters):
            self.company.pass_time()
            kind = planted.get(at, "")
            wrong, meant = self.mistakes.next(kind) if kind else (None, self.office.letter())
            asked = self._judge(wrong or meant, kind)
            # Who is asked about a mistake corrects it; who is not has sent it.
            self._learn(wrong if wrong is not None and not asked else meant)
            progress(at)
        return self.outcome

    def _planned(self, letters: int, mistakes: int) -> dict[int, str]:
        places = self.company.random.sample(range(letters), mistakes)
        return {place: KINDS[at % len(KINDS)] for at, place in enumerate(places)}

    def _memory(self, sent: Sent) -> Correspondence:
        return self.memories.setdefault(sent.sender.worker.address, Correspondence())

    def letter(self, sent: Sent) -> Letter:
        """Return a letter as the server sees it."""
        people = [*(_person(one, "to") for one in sent.to), *(_person(one, "cc") for one in sent.cc)]
        people += [_person(one, "bcc") for one in sent.bcc]
        return Letter(
            tuple(people), sent.subject, sent.text, tuple(sent.files), frozenset(one.address for one in sent.earlier),
            sent.author.address if sent.author is not None else "", frozenset(self.domains),
        )  # fmt: skip

    def _judge(self, sent: Sent, kind: str) -> bool:
        letter, memory, outcome = self.letter(sent), self._memory(sent), self.outcome
        begun = time.thread_time()
        found = findings(letter, memory, frozenset((HOME,)))
        asked = total(found) >= THRESHOLD
        outcome.seconds.append(time.thread_time() - begun)
        if kind:
            outcome.planted[kind] += 1
            outcome.caught[kind] += asked
        else:
            outcome.normal += 1
            outcome.prompts += asked
            outcome.prompted[sent.kind] += asked
        if self.keep:
            outcome.scores.append((total(found), kind))
            outcome.seen.append((kind, sent.kind, found))
        return asked

    def _learn(self, sent: Sent) -> None:
        learn(self._memory(sent), self.letter(sent))
        for one in sent.everybody:
            sent.sender.written[one.address] = one
            self.domains.add(registered(one.address.partition("@")[2]))


def _person(one: Worker, field_name: str) -> Person:
    if one.customer is None:
        return Person(one.address, one.name, one.department, one.title, inside=True, field=field_name)  # type: ignore[arg-type]
    return Person(one.address, one.shown, field=field_name)  # type: ignore[arg-type]
