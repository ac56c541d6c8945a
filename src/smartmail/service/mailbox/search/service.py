"""What other services call of search: sets of messages for clauses, what is not indexed yet, excerpts with highlights.

Must not know mailboxes, rights and trees of conditions: callers cut what comes out by what their actor may see.
"""

from collections.abc import Collection, Sequence

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.search import IndexStatus
from smartmail.formats.search.excerpt import Excerpt, excerpt
from smartmail.formats.search.wording import Clause, Switch
from smartmail.ports.extraction import TextExtractor
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.search.documents import DocumentReader
from smartmail.service.mailbox.search.index import SearchIndex
from smartmail.service.mailbox.search.indexing import IndexingService
from smartmail.service.mailbox.search.segments import Segments
from smartmail.service.mailbox.search.store import Store


class SearchService:
    """Finds messages of an account by their text."""

    def __init__(
        self, store: Store, keyring: Keyring, blobs: SealedBlobs, extractor: TextExtractor | None = None
    ) -> None:
        reader = DocumentReader(store, keyring, blobs, extractor)
        segments = Segments(store)
        self._index = SearchIndex(store, keyring, reader, segments)
        self.indexing = IndexingService(store, keyring, reader, segments)

    async def matching(
        self, account_id: AccountId, clauses: Sequence[Clause], within: Collection[MessageId] | None = None
    ) -> list[set[MessageId]]:
        """Return for each clause the messages that match, of those in `within` if it is given (others may be among
        them). Raises NotFound, SealError, Unavailable.
        """
        return await self._index.matching(account_id, clauses, within)

    async def newest(self, account_id: AccountId, clause: Clause, limit: int) -> list[MessageId]:
        """Return the newest received messages that match, newest first, at most `limit`."""
        return await self._index.newest(account_id, clause, limit)

    async def pending(self, account_id: AccountId) -> int:
        """Return how many messages queries cannot see yet."""
        return await self._index.pending(account_id)

    async def status(self, account_id: AccountId) -> IndexStatus:
        """Count an account's index: a walk over it. Raises NotFound."""
        return await self.indexing.status(account_id)

    async def excerpts(
        self,
        account_id: AccountId,
        subject: Sequence[Clause],
        text: Sequence[Clause],
        message_ids: Sequence[MessageId],
    ) -> dict[MessageId, Excerpt]:
        """Return where the clauses stand: `subject` are those that look into it, `text` those that look into the rest."""
        documents = await self._index.documents(account_id, message_ids)
        return {one: excerpt(document, subject, text) for one, document in documents.items()}

    async def hows(
        self, account_id: AccountId, clauses: Sequence[Clause], message_ids: Sequence[MessageId]
    ) -> dict[MessageId, frozenset[Switch]]:
        """Return by which switches messages were found; none: as typed."""
        documents = await self._index.documents(account_id, message_ids)
        return {
            one: frozenset[Switch]().union(*(clause.hows(document) for clause in clauses if clause.holds(document)))
            for one, document in documents.items()
        }
