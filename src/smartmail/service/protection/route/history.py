"""From which countries a sender's mail has come to an account.

NAME        sender history
PURPOSE     "This sender sent from KR alone for 12 months; this one is from NG." Computed here, told to nobody.
STRATEGIES  Mail teaches only when its sender is proved and it is delivered: who forges a name must not make their own
            country usual. A line is written once a month for each sender and country.
LIMITS      domain.route.MAX_SENDERS lines an account, twelve months; `REMEMBERED` lines of this month in a process, and
            what it writes at once is bounded by the messages under inspection.
            Where policy forbids it (`route.sender-memory`) nothing is learnt and nothing told.
SECURITY    Senders are keyed hashes of the account's own key.
"""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId
from smartmail.domain.inspection import Reason
from smartmail.domain.route import habit
from smartmail.formats.geo_table import is_country
from smartmail.formats.seal import Purpose
from smartmail.policy import knobs
from smartmail.ports.store_route import RouteStore
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService

COUNTRY_CHANGED: Final = "country-changed"
WEIGHT_PROVED: Final = 0.5
"""Of a sender who is proved: people travel, accounts get stolen."""
WEIGHT_UNPROVED: Final = 1.5
REMEMBERED: Final = 20_000
MAX_RECIPIENTS: Final = 50
"""Of one message that are looked at; a larger message is a circular."""


class SenderHistory:
    """Knows from where senders usually send."""

    def __init__(self, store: RouteStore, keyring: Keyring, policy: PolicyService) -> None:
        self._store = store
        self._keyring = keyring
        self._policy = policy
        self._noted: OrderedDict[tuple[AccountId, bytes, str, int], None] = OrderedDict()

    async def change(self, specimen: Specimen) -> Reason | None:
        """Return the reason when a recipient knows the sender from one other country alone. Raises Unavailable."""
        country, month = specimen.findings.country, month_of(specimen.received_at)
        sender = sender_of(specimen)
        if not is_country(country) or not sender:
            return None
        for account in await self._accounts(specimen):
            key = await self._key(account, sender)
            if (account.id, key, country, month) in self._noted:
                continue
            usual = habit(await self._store.sender_countries(account.id, key), month)
            if usual is not None and usual[0] != country:
                weight = WEIGHT_PROVED if specimen.findings.aligned else WEIGHT_UNPROVED
                return Reason(COUNTRY_CHANGED, weight, (country, usual[0], str(usual[1])))
        return None

    async def learn(self, specimen: Specimen) -> None:
        """Remember where a proved sender's mail came from. Raises Unavailable."""
        findings, sender = specimen.findings, sender_of(specimen)
        if not (findings.aligned and findings.act == "deliver" and is_country(findings.country) and sender):
            return
        month = month_of(specimen.received_at)
        for account in await self._accounts(specimen):
            key = await self._key(account, sender)
            line = (account.id, key, findings.country, month)
            if line in self._noted:
                continue
            await self._store.note_sender_country(*line)
            self._noted[line] = None
            if len(self._noted) > REMEMBERED:
                self._noted.popitem(last=False)

    async def _accounts(self, specimen: Specimen) -> list[Account]:
        """Return those whose senders may be remembered."""
        found = _accounts(specimen)
        return [one for one in found if await self._policy.value(one, knobs.SENDER_MEMORY)]

    async def _key(self, account: Account, sender: str) -> bytes:
        return (await self._keyring.account(account)).hash(Purpose.SENDER_COUNTRY, sender.encode())


def _accounts(specimen: Specimen) -> list[Account]:
    found = {account.id: account for account in specimen.accounts if account is not None}
    return list(found.values())[:MAX_RECIPIENTS]


def sender_of(specimen: Specimen) -> str:
    """Return the address in From, "" where there is none or several: that is whom a reader believes to hear from."""
    senders = specimen.summary.from_
    return senders[0].address.strip().lower() if len(senders) == 1 else ""


def month_of(milliseconds: int) -> int:
    """Return the month of a time, counted from year 0."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return at.year * 12 + at.month - 1
