"""How many look-ups a domain's SPF record makes receivers do: more than ten, and it counts for nothing (RFC 7208 §4.6.4).

LIMITS    MOST_ASKED records are followed, whatever they say of each other; a record that leads back to itself is told.
FAILURE   A name service that does not answer makes the count one of what is known.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.ports.dns import DnsFailure, Resolver

MOST: Final = 10
MOST_ASKED: Final = 40
_COUNTED: Final = ("include", "a", "mx", "ptr", "exists")


@dataclass(frozen=True, slots=True)
class SpfCount:
    """The record, what it costs, and what is wrong: "", missing, several, loop, unanswered."""

    text: str
    lookups: int
    problem: str


async def count(resolver: Resolver, domain: str) -> SpfCount:
    """Count the look-ups of a domain's record and of those that it includes."""
    text, problem = await _record(resolver, domain)
    if not text:
        return SpfCount("", 0, problem)
    total, asked, waiting = 0, {domain.lower()}, [text]
    while waiting and len(asked) < MOST_ASKED:
        found, led = _terms(waiting.pop())
        total += found
        for name in led:
            if name in asked:
                problem = problem or "loop"
                continue
            asked.add(name)
            other, trouble = await _record(resolver, name)
            problem = problem or ("unanswered" if trouble == "unanswered" else "")
            if other:
                waiting.append(other)
    return SpfCount(text, total, problem)


async def _record(resolver: Resolver, name: str) -> tuple[str, str]:
    try:
        texts = [one.decode("utf-8", "replace") for one in await resolver.txt(name)]
    except DnsFailure:
        return "", "unanswered"
    found = [one for one in texts if one.lower().split(" ", 1)[0] == "v=spf1"]
    if len(found) > 1:
        return found[0], "several"
    return (found[0], "") if found else ("", "missing")


def _terms(text: str) -> tuple[int, list[str]]:
    """Return how many look-ups the terms of one record are, and the records that they lead to. Names with macros are
    different for every mail: they are counted, and not followed.
    """
    total, led = 0, []
    for term in text.lower().split()[1:]:
        if term.startswith("redirect="):
            total += 1
            led.append(term.partition("=")[2])
            continue
        word = term.lstrip("+-~?")
        name, _, rest = word.partition(":")
        if name.partition("/")[0] in _COUNTED:
            total += 1
            if name == "include":
                led.append(rest)
    return total, [one.rstrip(".") for one in led if one and "%" not in one]
