"""What administrators do with webhooks: add, change, replace the secret, send again, remove. Each act leaves a record.

SECURITY  A secret belongs to the host that it was told to: another host gets a new one, and the old one signs nothing there,
          so that what is sent to a stranger never passes for ours at the former target.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from smartmail.domain.admin_api import WebhookRow, WebhookState
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats import webhooks
from smartmail.ports.clock import Clock
from smartmail.ports.store_webhooks import WebhookStore
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.operations.admin_jobs.events import EventService
from smartmail.service.operations.webhooks.words import Words, open_words, seal_words, with_words

MAX_WEBHOOKS: Final = 50
MAX_URL: Final = 2_000
MAX_LABEL: Final = 100
MAX_TYPES: Final = 100
LONGEST_OVERLAP: Final = 30 * DAY


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook, opened; `secret` only when it has just been made."""

    row: WebhookRow
    url: str
    label: str
    secret: str = field(default="", repr=False)


class WebhookService:
    """Keeps the targets of a company."""

    def __init__(self, store: WebhookStore, keyring: Keyring, events: EventService, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._events = events
        self._clock = clock

    async def create(
        self, actor: Actor, organization_id: OrganizationId, url: str, label: str = "", types: Sequence[str] = ()
    ) -> WebhookView:
        """Send what happens from now on to an address; return it with its secret. Raises Invalid, Forbidden (too many)."""
        if len(await self._store.webhooks(organization_id)) >= MAX_WEBHOOKS:
            raise Forbidden(
                f"an organisation has at most {MAX_WEBHOOKS} webhooks", reason="count.most", most=MAX_WEBHOOKS
            )
        now = self._clock.now()
        words = Words(_url(url), _label(label), self._secret())
        row = WebhookRow(
            0, organization_id, await seal_words(self._keyring, organization_id, now, words), _types(types), "active",
            await self._events.newest(organization_id), now, now, now,
        )  # fmt: skip
        made = await self._store.add_webhook(row, self._record(actor, "webhook.new", organization_id, 0))
        return WebhookView(made, words.url, words.label, words.secret)

    async def list_all(self, organization_id: OrganizationId) -> list[WebhookView]:
        """Return a company's webhooks."""
        return [await self._view(row) for row in await self._store.webhooks(organization_id)]

    async def get(self, organization_id: OrganizationId, webhook_id: int) -> WebhookView:
        """Return one. Raises NotFound."""
        return await self._view(await self._own(organization_id, webhook_id))

    async def change(
        self,
        actor: Actor,
        organization_id: OrganizationId,
        webhook_id: int,
        *,
        url: str | None = None,
        label: str | None = None,
        types: Sequence[str] | None = None,
        state: WebhookState | None = None,
    ) -> WebhookView:
        """Change what is not None; `active` lets a stopped one go on where it was. Another host gets a new secret, told
        once. Raises NotFound, Invalid.
        """
        row = await self._own(organization_id, webhook_id)
        words = await open_words(self._keyring, row)
        fresh = ""
        if url is not None and _host(_url(url)) != _host(words.url):
            fresh = self._secret()
            words = replace(words, secret=fresh, old="", old_until=0)
        words = replace(
            words, url=words.url if url is None else _url(url), label=words.label if label is None else _label(label)
        )
        row = replace(row, types=row.types if types is None else _types(types), state=state or row.state)
        if state == "active":
            row = replace(row, attempts=0, failing_since=None, next_at=self._clock.now())
        return replace(await self._put(actor, row, words, "webhook.change"), secret=fresh)

    async def rotate(
        self, actor: Actor, organization_id: OrganizationId, webhook_id: int, overlap_ms: int = DAY
    ) -> WebhookView:
        """Make a new secret; the old one signs beside it for a while. Raises NotFound, Invalid."""
        if not 0 <= overlap_ms <= LONGEST_OVERLAP:
            raise Invalid(
                f"the old secret may sign for at most {LONGEST_OVERLAP // HOUR} hours",
                reason="webhook.hours",
                most=LONGEST_OVERLAP // HOUR,
            )
        row = await self._own(organization_id, webhook_id)
        old = await open_words(self._keyring, row)
        until = self._clock.now() + overlap_ms
        words = replace(old, secret=self._secret(), old=old.secret, old_until=until)
        view = await self._put(actor, row, words, "webhook.secret")
        return replace(view, secret=words.secret)

    async def replay(self, actor: Actor, organization_id: OrganizationId, webhook_id: int, after: int) -> WebhookView:
        """Send again what came after a number of the chain. Raises NotFound, Invalid (a number that is yet to come)."""
        row = await self._own(organization_id, webhook_id)
        if not 0 <= after <= await self._events.newest(organization_id):
            raise Invalid("no event has this number yet", reason="webhook.event")
        row = replace(row, seq=after, attempts=0, failing_since=None, next_at=self._clock.now())
        return await self._put(actor, row, await open_words(self._keyring, row), "webhook.replay")

    async def delete(self, actor: Actor, organization_id: OrganizationId, webhook_id: int) -> None:
        """Remove one. Raises NotFound."""
        await self._own(organization_id, webhook_id)
        record = self._record(actor, "webhook.delete", organization_id, webhook_id)
        if not await self._store.delete_webhook(webhook_id, record):
            raise NotFound

    async def _put(self, actor: Actor, row: WebhookRow, words: Words, action: str) -> WebhookView:
        row = replace(await with_words(self._keyring, row, words), changed_at=self._clock.now())
        await self._store.change_webhook(row, self._record(actor, action, row.organization_id, row.id))
        return WebhookView(row, words.url, words.label)

    async def _own(self, organization_id: OrganizationId, webhook_id: int) -> WebhookRow:
        row = await self._store.webhook(webhook_id)
        if row is None or row.organization_id != organization_id:
            raise NotFound
        return row

    async def _view(self, row: WebhookRow) -> WebhookView:
        words = await open_words(self._keyring, row)
        return WebhookView(row, words.url, words.label)

    def _secret(self) -> str:
        return webhooks.secret_text(self._clock.random(webhooks.SECRET_OCTETS))

    def _record(self, actor: Actor, action: str, organization_id: OrganizationId, webhook_id: int) -> AuditRecord:
        place = f"organization:{organization_id}" + (f" webhook:{webhook_id}" if webhook_id else "")
        return AuditRecord(self._clock.now(), actor.named, action, place, actor.origin.address, door=actor.origin.door)


def _host(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or 443


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.username and not parts.fragment
        good = good and (parts.port is None or 0 < parts.port < 65536)
    except ValueError:
        good = False
    if not good or len(text) > MAX_URL or not text.isascii() or not text.isprintable() or " " in text:
        raise Invalid("a webhook goes to an https address without a name and password in it", reason="webhook.url")
    return text


def _label(text: str) -> str:
    label = " ".join(text.split())
    if len(label) > MAX_LABEL:
        raise Invalid(f"the label has at most {MAX_LABEL} characters", reason="text.long", most=MAX_LABEL)
    return label


def _types(names: Sequence[str]) -> tuple[str, ...]:
    if len(names) > MAX_TYPES or any(not name or len(name) > 100 or not name.isascii() for name in names):
        raise Invalid(
            "types are beginnings of names of events, such as account or account.close", reason="webhook.types"
        )
    return tuple(dict.fromkeys(names))
