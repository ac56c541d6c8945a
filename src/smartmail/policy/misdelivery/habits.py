"""Habits: what one letter that was sent teaches. Changes the memory in place; bounded."""

from typing import Final

from smartmail.domain.correspondence import (
    MAX_CIRCLES,
    MAX_DOMAINS,
    MAX_PEOPLE,
    MAX_READERS,
    MAX_WORDS,
    Correspondence,
    Known,
    Topic,
    mark_of,
)
from smartmail.formats.salutation import addressed
from smartmail.policy.misdelivery.facts import Letter, domain_of
from smartmail.policy.misdelivery.topics import words_of

MAX_RECIPIENTS: Final = 40
"""A letter to more is a circular: who gets it says nothing of who belongs together."""


def learn(memory: Correspondence, letter: Letter) -> None:
    """Remember a letter that was sent."""
    people = letter.recipients[:MAX_RECIPIENTS]
    memory.letters += 1
    now = memory.letters
    for one in people:
        known = memory.people.get(one.address)
        if known is None:
            known = memory.people[one.address] = Known(one.name, 0, now)
        known.letters, known.last, known.name = known.letters + 1, now, one.name or known.name
    _call(memory, letter)
    if len(letter.recipients) <= MAX_RECIPIENTS:
        seen = sorted(mark_of(one.address) for one in people if one.field != "bcc")
        if len(seen) > 1:
            memory.circles.append(seen)
        _read(memory, letter, now)
    _forget(memory)


def _call(memory: Correspondence, letter: Letter) -> None:
    """Remember how the text calls the one person that it is for."""
    to = [one for one in letter.recipients if one.field == "to"]
    said = addressed(letter.text)
    if len(to) == 1 and len(said) == 1:
        known = memory.people[to[0].address]
        known.called, known.title = said[0].name, said[0].title


def _read(memory: Correspondence, letter: Letter, now: int) -> None:
    marks = [mark_of(one.address) for one in letter.recipients]
    domains = {domain_of(one.address) for one in letter.recipients if not one.inside}
    for word in words_of(letter.subject, letter.files, letter.text):
        topic = memory.topics.get(word)
        if topic is None:
            topic = memory.topics[word] = Topic(0, now, [])
        topic.letters, topic.last = topic.letters + 1, now
        fresh = [one for one in marks if one not in topic.readers]
        topic.readers = (topic.readers + fresh)[:MAX_READERS]
        for domain in domains:
            if domain in topic.domains or len(topic.domains) < MAX_DOMAINS:
                topic.domains[domain] = topic.domains.get(domain, 0) + 1


def _forget(memory: Correspondence) -> None:
    if len(memory.circles) > MAX_CIRCLES:
        del memory.circles[: len(memory.circles) - MAX_CIRCLES]
    if len(memory.people) > MAX_PEOPLE:
        kept = sorted(memory.people.items(), key=lambda one: one[1].last, reverse=True)
        memory.people = dict(kept[: MAX_PEOPLE * 9 // 10])
    if len(memory.topics) > MAX_WORDS:
        # What was met once and long ago goes first.
        rank = sorted(memory.topics.items(), key=lambda one: (one[1].letters > 1, one[1].last), reverse=True)
        memory.topics = dict(rank[: MAX_WORDS * 9 // 10])
