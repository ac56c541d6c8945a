"""Who writes for the first time, whose mail used to be proved, and who enters a conversation of others."""

from typing import Final

from smartmail.domain.account import Account
from smartmail.service.protection.filtering.acquaintances import Acquaintances, Standing, is_known
from smartmail.service.protection.filtering.neighbours import Neighbours
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence
from smartmail.service.protection.filtering.rules.proof import is_unproved

MAX_PEOPLE: Final = 5
"""Recipients that are asked: where one of five knows the sender, they are known."""


class StrangerCheck:
    """Judges by what recipients and their organisation remember."""

    def __init__(self, neighbours: Neighbours, acquaintances: Acquaintances) -> None:
        self._neighbours = neighbours
        self._acquaintances = acquaintances

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return matches; senders of our own domains are colleagues."""
        accounts = {one.id: one for one in evidence.specimen.accounts if one is not None}
        if evidence.sender_domain and await self._neighbours.is_ours(evidence.sender_domain):
            evidence.stranger = False
        if not evidence.sender_domain or not accounts or not evidence.stranger:
            return []
        known: list[tuple[Account, Standing]] = [
            (account, await self._acquaintances.standing(account, evidence.sender))
            for account in list(accounts.values())[:MAX_PEOPLE]
        ]
        now = evidence.specimen.received_at
        evidence.stranger = not any(is_known(one.house, now) or is_known(one.person, now) for _, one in known)
        found = _judge_first(evidence, [standing for _, standing in known])
        if is_unproved(evidence) and any(one.domain is not None and one.domain.proved_at for _, one in known):
            found.append(Match("proof-lost", (fact(evidence.sender_domain),)))
        return [*found, *await self._judge_answer(evidence, known)]

    async def _judge_answer(self, evidence: Evidence, known: list[tuple[Account, Standing]]) -> list[Match]:
        """A stranger from a strange domain who answers in a conversation of ours has taken it over."""
        ids = evidence.specimen.summary.ids
        named, now = [*ids.in_reply_to, *ids.references], evidence.specimen.received_at
        for account, one in known:
            strange = not (is_known(one.person, now) or is_known(one.house, now) or is_known(one.domain, now))
            if named and strange and await self._acquaintances.intrudes(account, named, evidence.sender):
                return [Match("chain-hijack", (fact(evidence.sender),))]
        return []


def _judge_first(evidence: Evidence, known: list[Standing]) -> list[Match]:
    now = evidence.specimen.received_at
    found = []
    if not any(is_known(one.person, now) for one in known):
        found.append(Match("first-to-person", (fact(evidence.sender),)))
    if evidence.stranger:
        found.append(Match("first-to-company", (fact(evidence.sender),)))
    return found
