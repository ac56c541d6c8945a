"""Models opened: an organisation's and those of its people, kept per process and looked at anew when they change.

SECURITY  A model tells what people write to each other, so it lies sealed: an organisation's under its key, a person's
          under their account's, and goes with that key.
LIMITS    `MAX_COMPANIES` of less than 2 MB and `MAX_PERSONS` of at most a few hundred KB stay open; the oldest go first.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.ids import OrganizationId
from smartmail.domain.lessons import ModelRow
from smartmail.formats.seal import Kind, SealError
from smartmail.formats.spam.judging import Judges
from smartmail.formats.spam.model import Own, Weights
from smartmail.ports.clock import Clock
from smartmail.ports.store_lessons import LessonStore
from smartmail.service.kernel.keyring import Keyring, Sealer

COMPANY: Final = 0
"""Account number of an organisation's own model."""
FRESH_MS: Final = 250
"""How long a model is used without asking whether there is a newer one."""
MAX_COMPANIES: Final = 32
MAX_PERSONS: Final = 256
LEAST: Final = 3
"""Messages of each sort from which on an organisation's model is asked: one that knows one side only says nothing."""
M = TypeVar("M", Weights, Own)
K = TypeVar("K", bound=int)


@dataclass(slots=True)
class Opened(Generic[M]):
    """A model and its version; 0 for one that nobody has kept yet."""

    model: M
    version: int
    fresh_until: int


class Models:
    """Opens and seals."""

    def __init__(self, store: LessonStore, keyring: Keyring, clock: Clock, start: Weights | None = None) -> None:
        """`start`: the model that new installations begin with."""
        self.start = start
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._companies: OrderedDict[OrganizationId, Opened[Weights]] = OrderedDict()
        self._persons: OrderedDict[int, Opened[Own]] = OrderedDict()

    async def judges(self, organization_id: OrganizationId, account: Account | None) -> Judges:
        """Return the models that judge a message for one person, or for an organisation. Raises Unavailable, NotFound."""
        company = await self.company(organization_id)
        # The organisation's counts hold those of its people.
        if min(company.good, company.bad) < LEAST:
            return Judges(self.start, None)
        return Judges(self.start, company, None if account is None else await self.person(account))

    async def company(self, organization_id: OrganizationId) -> Weights:
        """Return an organisation's model to read, at most `FRESH_MS` old. Raises Unavailable, NotFound."""
        known = self._companies.get(organization_id)
        now = self._clock.now()
        if known is not None and now < known.fresh_until:
            return known.model
        versions = await self._store.model_versions(organization_id, [COMPANY])
        if known is None or known.version != versions.get(COMPANY, 0):
            known = await self.fresh_company(organization_id)
        known.fresh_until = now + FRESH_MS
        _remember(self._companies, organization_id, known, MAX_COMPANIES)
        return known.model

    async def person(self, account: Account) -> Own:
        """Return a person's model to read, at most `FRESH_MS` old. Raises Unavailable, NotFound."""
        known = self._persons.get(account.id)
        now = self._clock.now()
        if known is not None and now < known.fresh_until:
            return known.model
        versions = await self._store.model_versions(account.organization_id, [account.id])
        if known is None or known.version != versions.get(account.id, 0):
            known = await self.fresh_person(account)
        known.fresh_until = now + FRESH_MS
        _remember(self._persons, account.id, known, MAX_PERSONS)
        return known.model

    async def fresh_company(self, organization_id: OrganizationId) -> Opened[Weights]:
        """Return an organisation's model to change: nobody else has it."""
        row = await self._store.model(organization_id, COMPANY)
        keys = await self._keyring.organization(organization_id)
        plain = _opened(keys, row)
        model = Weights() if plain is None else Weights.unpack(plain)
        return Opened(model, row.version if row else 0, 0)

    async def fresh_person(self, account: Account) -> Opened[Own]:
        """Return a person's model to change."""
        row = await self._store.model(account.organization_id, account.id)
        plain = _opened(await self._keyring.account(account), row)
        return Opened(Own() if plain is None else Own.unpack(plain), row.version if row else 0, 0)

    async def sealed_company(self, organization_id: OrganizationId, opened: Opened[Weights]) -> ModelRow:
        """Return a changed model as its next version."""
        keys = await self._keyring.organization(organization_id)
        return self._row(keys, organization_id, COMPANY, opened)

    async def sealed_person(self, account: Account, opened: Opened[Own]) -> ModelRow:
        """Return a changed model as its next version."""
        return self._row(await self._keyring.account(account), account.organization_id, account.id, opened)

    def _row(
        self, keys: Sealer, organization_id: OrganizationId, account_id: int, opened: Opened[Weights] | Opened[Own]
    ) -> ModelRow:
        model = opened.model
        sealed = keys.seal(Kind.FILTER_MODEL, model.pack(), COMPANY)
        now = self._clock.now()
        return ModelRow(organization_id, account_id, opened.version + 1, model.good, model.bad, now, sealed)


def _opened(keys: Sealer, row: ModelRow | None) -> bytes | None:
    """Return what a row holds; one that does not open begins anew, for learning is a help and no record."""
    if row is None:
        return None
    try:
        return keys.open(Kind.FILTER_MODEL, row.sealed, COMPANY)
    except SealError as error:
        log.event("spam.model_lost", organization=row.organization_id, account=row.account_id, detail=str(error))
        return None


def _remember(known: "OrderedDict[K, Opened[M]]", key: K, opened: Opened[M], most: int) -> None:
    known[key] = opened
    known.move_to_end(key)
    while len(known) > most:
        known.popitem(last=False)
