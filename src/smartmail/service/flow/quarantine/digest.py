"""The digest: one mail to a person who has something new in quarantine, at the hours that policy names.

NAME        digest
PURPOSE     Tell what was held since the last digest, in the reader's language, with links that let it out.
STRATEGIES  Due when something new lay there at the last of the hours. The mail and the mark up to where it tells are one
            commit, so that two processes, or one that died, tell nothing twice and leave nothing out.
LIMITS      `SHOWN` messages a digest.
SECURITY    Links only where policy wants them, and only for what may be let out by a link. What a stranger wrote is
            escaped, cut, and never a link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.quarantine import LINK_ACTS, HeldRow, LinkAct, Told
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Draft, compose
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.service.flow.quarantine.items import HeldItem, ItemReader
from smartmail.service.flow.quarantine.links import LIFETIME_DAYS, PATH, Links
from smartmail.service.flow.quarantine.service import QuarantineService
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.protection.filtering.explaining import explain


class _Store(AccountStore, QuarantineStore, Protocol): ...


SHOWN = 50
MOST = 1_000
LIFETIME = 2 * DAY
_CUT = 150
_ONE = "padding:12px 0;border-bottom:1px solid #d8dde3"
_LINK = "color:#0b57d0;margin-right:16px"


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a digest, in words. `links`: act → address; none where only an administrator lets it out."""

    sender: str
    subject: str
    why: str
    links: tuple[tuple[LinkAct, str], ...]


class DigestService:
    """Writes digests."""

    def __init__(
        self, store: _Store, keyring: Keyring, blobs: SealedBlobs, reader: ItemReader, quarantine: QuarantineService,
        links: Links, policy: PolicyService, hints: Hints, clock: Clock, host: str, site: str,
    ) -> None:  # fmt: skip
        """`site`: where people reach our pages, `https://name`; "" for no links."""
        self._store = store
        self._letters = HouseLetters(keyring, blobs, clock)
        self._reader = reader
        self._quarantine = quarantine
        self._links = links
        self._policy = policy
        self._hints = hints
        self._clock = clock
        self._host = host
        self.site = site

    async def send_due(self) -> int:
        """Send the digests whose time has come; return how many. A job of each minute."""
        sent = 0
        for account_id, newest in (await self._store.quarantine_newest()).items():
            try:
                sent += await self._send_if_due(account_id, newest)
            except (MailError, SealError) as error:
                log.event("quarantine.notify_failed", account=account_id, error=type(error).__name__)
        if sent:
            self._hints.queue_changed()
        return sent

    async def _send_if_due(self, account_id: AccountId, newest: QueueEntryId) -> bool:
        told = await self._store.quarantine_told(account_id)
        if newest <= told.entry_id:
            return False
        try:
            account = await self._store.account(account_id)
        except NotFound:
            return False
        policy, now = await self._policy.of(account), self._clock.now()
        if not account.may("login") or not policy[knobs.DIGEST]:
            return False
        rows = await self._store.quarantined(account_id=account_id, after=told.entry_id, limit=MOST)
        slot = last_slot(now, policy[knobs.DIGEST_HOURS], zone_ms(policy[knobs.DIGEST_ZONE]))
        if not any(row.entry.created_at <= slot for row in rows):
            return False
        mark = Told(rows[-1].entry.id, now)
        return await self._store.tell_quarantine(account_id, told, mark, await self._entry(account, policy, rows))

    async def _entry(self, account: Account, policy: PolicyView, rows: Sequence[HeldRow]) -> NewQueueEntry:
        # The newest first: an old one was in an earlier digest's reach, or is shown by the list itself.
        shown = await self._reader.open_all(rows[::-1][:SHOWN])
        language, now = account.language or policy[knobs.LANGUAGE], self._clock.now()
        lines = [await self._line(item, language) for item in shown]
        text, html = words(language, lines, len(rows), policy[knobs.QUARANTINE_DAYS])
        draft = Draft(
            from_=[Mailbox(translate(language, "notice.from"), f"postmaster@{self._host}")],
            to=[Mailbox(account.name, account.login)], date=(now // 1000, 0),
            message_id=f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}",
            subject=translate(language, "digest.subject", count=len(rows)), text=text, html=html,
            # RFC 3834 §5: nobody's absence note answers it.
            headers=[("Auto-Submitted", "auto-generated")], language=language,
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        written = await self._letters.written(account.organization_id, octets)
        return await self._letters.entry(written, [account.login], lifetime=LIFETIME, language=language, final=True)

    async def _line(self, item: HeldItem, language: str) -> Line:
        reasons = explain(item.inspection, language, 1)
        links: list[tuple[LinkAct, str]] = []
        if self.site and await self._quarantine.may_link(item):
            links = [(act, f"{self.site}{PATH}{await self._links.make(item.row, act)}") for act in LINK_ACTS]
        why = reasons[0].text if reasons else ""
        if await self._quarantine.may_release(item) is False:
            why = f"{why} {translate(language, 'digest.admin')}".strip()
        subject = item.summary.subject or translate(language, "digest.no-subject")
        return Line(_cut(item.author), _cut(subject), _cut(why), tuple(links))


def words(language: str, lines: Sequence[Line], count: int, days: int) -> tuple[str, str]:
    """Return the digest as text and as HTML."""
    intro = translate(language, "digest.intro", days=days)
    rest = translate(language, "digest.more", count=count - len(lines)) if count > len(lines) else ""
    note = translate(language, "digest.links", days=LIFETIME_DAYS) if any(one.links for one in lines) else ""
    text, html = [intro, ""], [f"<p>{escape(intro)}</p>"]
    for one in lines:
        text += [one.subject, one.sender, *([one.why] if one.why else [])]
        text += [f"{translate(language, f'digest.{act}')}: {address}" for act, address in one.links]
        text.append("")
        anchors = "".join(
            f'<a style="{_LINK}" href="{escape(address)}">{escape(translate(language, f"digest.{act}"))}</a>'
            for act, address in one.links
        )
        why = f'<div style="color:#5f6368">{escape(one.why)}</div>' if one.why else ""
        html.append(
            f'<div style="{_ONE}"><div><b>{escape(one.subject)}</b></div><div>{escape(one.sender)}</div>{why}'
            f"<div>{anchors}</div></div>"
        )
    for end in (rest, note):
        if end:
            text.append(end)
            html.append(f"<p>{escape(end)}</p>")
    page = f'<html lang="{language}"><body style="font-family:sans-serif">{"".join(html)}</body></html>'
    return "\n".join(text) + "\n", page


def _cut(text: str) -> str:
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _CUT else line[: _CUT - 1] + "…"


def zone_ms(zone: str) -> int:
    """Return a zone such as `+09:00` as milliseconds east of UTC."""
    hours, minutes = zone[1:].split(":")
    size = int(hours) * HOUR + int(minutes) * (HOUR // 60)
    return -size if zone.startswith("-") else size


def last_slot(now: int, hours: Sequence[str], zone: int) -> int:
    """Return the last time at or before `now` that one of these hours of the day began, in a zone."""
    local = now + zone
    midnight = local - local % DAY
    times = [midnight + day * DAY + int(hour) * HOUR for day in (-1, 0) for hour in hours]
    return max(time for time in times if time <= local) - zone
