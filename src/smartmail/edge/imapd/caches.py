"""What all IMAP sessions of a process share: flag texts, UID lists, and ready parts of FETCH answers.

LIMITS  Rendered answers up to `RENDERED_OCTETS` per process; whole tables go, those unused longest first.
"""

from collections import OrderedDict
from weakref import WeakKeyDictionary, WeakValueDictionary

from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.imapd.flags import FlagTexts
from smartmail.proto.imap.fetch_items import FetchItem
from smartmail.proto.imap.view import UidPool
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.mailstore.views import SharedView, ViewService

RENDERED_OCTETS = 96 << 20
_ENTRY_OVERHEAD = 130
"""Octets that a kept answer costs besides its text: the object and its place in the table."""

Fixed = tuple[FetchItem, ...]
"""Items whose values never change under one message id."""


class Table:
    """Message id → the fixed items of its FETCH answer, ready to send, of one account and list of items."""

    __slots__ = ("key", "octets", "texts")

    def __init__(self, key: tuple[AccountId, Fixed]) -> None:
        self.key = key
        self.texts: dict[MessageId, bytes] = {}
        self.octets = 0


class Rendered:
    """Tables of ready answers: clients ask for the same items of the same messages again and again."""

    def __init__(self, bound: int = RENDERED_OCTETS) -> None:
        self._bound = bound
        self._octets = 0
        self._tables: OrderedDict[tuple[AccountId, Fixed], Table] = OrderedDict()

    def table(self, account_id: AccountId, items: Fixed) -> Table:
        """Return the table of an account and items, as the one used last."""
        key = (account_id, items)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = Table(key)
        self._tables.move_to_end(key)
        return table

    def keep(self, table: Table, texts: dict[MessageId, bytes]) -> None:
        """Keep answers; when there is no room, older tables go, and what still does not fit is not kept."""
        if self._tables.get(table.key) is not table:
            return  # it had to make room for others meanwhile
        cost = sum(map(len, texts.values())) + _ENTRY_OVERHEAD * len(texts)
        while self._octets + cost > self._bound:
            if next(iter(self._tables.values())) is table:
                return
            self._octets -= self._tables.popitem(last=False)[1].octets
        table.texts.update(texts)
        table.octets += cost
        self._octets += cost


class Caches:
    """One for each set of services."""

    __slots__ = ("__weakref__", "pools", "rendered", "texts")

    def __init__(self) -> None:
        self.texts: WeakValueDictionary[AccountId, FlagTexts] = WeakValueDictionary()
        self.pools: WeakKeyDictionary[SharedView, UidPool] = WeakKeyDictionary()
        self.rendered = Rendered()

    def flag_texts(self, account_id: AccountId) -> FlagTexts:
        """Return the flag texts of an account; they live while a session holds them."""
        texts = self.texts.get(account_id)
        if texts is None:
            texts = self.texts[account_id] = FlagTexts()
        return texts

    def pool(self, shared: SharedView) -> UidPool:
        """Return the pool of UID lists of a mailbox."""
        pool = self.pools.get(shared)
        if pool is None:
            pool = self.pools[shared] = UidPool()
        return pool


_by_services: WeakKeyDictionary[ViewService, Caches] = WeakKeyDictionary()


def caches_of(services: Services) -> Caches:
    """Return the caches that belong to these services: ids mean something only within one store."""
    caches = _by_services.get(services.views)
    if caches is None:
        caches = _by_services[services.views] = Caches()
    return caches
