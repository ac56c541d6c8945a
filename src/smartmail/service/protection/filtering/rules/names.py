"""사칭: a sender who looks like a colleague, like us, or like a partner (docs/adr/0020-rules-and-engines.md)."""

import re
from typing import Final

from smartmail.base.text import without_invisible
from smartmail.domain.account import Account
from smartmail.formats.address import domain_to_unicode, normalize, split_address
from smartmail.formats.lookalike import registered
from smartmail.service.protection.filtering.acquaintances import Acquaintances
from smartmail.service.protection.filtering.neighbours import Neighbours
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence
from smartmail.service.protection.filtering.rules.proof import is_unproved

_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[\w-]{2,63})")
MAX_HOSTS: Final = 30


class NameCheck:
    """Judges names and domains."""

    def __init__(self, neighbours: Neighbours, acquaintances: Acquaintances) -> None:
        self._neighbours = neighbours
        self._acquaintances = acquaintances

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return matches."""
        if not evidence.sender_domain:
            return []
        found = [*_judge_name(evidence), *_judge_reply(evidence)]
        if await self._neighbours.is_ours(evidence.sender_domain):
            if is_unproved(evidence) and not evidence.specimen.source.partner:
                found.append(Match("own-domain", (fact(evidence.sender_domain),)))
            return found
        return [*found, *await self._judge_domain(evidence), *await self._judge_person(evidence)]

    async def _judge_domain(self, evidence: Evidence) -> list[Match]:
        found = []
        imitated = await self._neighbours.imitated(evidence.sender_domain)
        if imitated is not None:
            found.append(Match("domain-lookalike", (fact(domain_to_unicode(evidence.sender_domain)), imitated[0])))
        brand = await self._neighbours.imitated_brand(evidence.sender_domain)
        if brand is not None:
            found.append(Match("domain-brand", (fact(domain_to_unicode(evidence.sender_domain)), brand[0])))
        for host in list(dict.fromkeys(link.host for link in evidence.links if link.host))[:MAX_HOSTS]:
            imitated = None if await self._neighbours.is_ours(host) else await self._neighbours.imitated(host)
            if imitated is not None and imitated[1] != "suffix":
                found.append(Match("link-lookalike", (fact(domain_to_unicode(host)), imitated[0])))
                break
        return found

    async def _judge_person(self, evidence: Evidence) -> list[Match]:
        if not evidence.sender_name.strip():
            return []
        for account in _people(evidence):
            colleague = (await self._neighbours.house(account.organization_id)).colleague(evidence.sender_name)
            if not colleague:
                continue
            # Whom the recipient has written to is who they say they are: a private address, a person of the same name.
            standing = await self._acquaintances.standing(account, evidence.sender)
            if standing.person is None or not standing.person.sent:
                return [Match("name-of-colleague", (fact(evidence.sender_name), fact(evidence.sender)))]
        return []


def _people(evidence: Evidence) -> list[Account]:
    found = {account.id: account for account in evidence.specimen.accounts if account is not None}
    return list(found.values())[:5]


def _judge_name(evidence: Evidence) -> list[Match]:
    shown = _ADDRESS.search(without_invisible(evidence.sender_name))
    if shown is None or registered(normalize(shown[0]).rpartition("@")[2]) == registered(evidence.sender_domain):
        return []
    return [Match("name-holds-address", (fact(shown[0]), fact(evidence.sender)))]


def _judge_reply(evidence: Evidence) -> list[Match]:
    summary = evidence.specimen.summary
    if not summary.reply_to or evidence.specimen.header.first("list-id") is not None:
        return []
    domains = {registered(split_address(normalize(one.address))[1]) for one in summary.reply_to if one.address}
    if not domains or registered(evidence.sender_domain) in domains:
        return []
    return [Match("reply-to-differs", (fact(summary.reply_to[0].address),))]
