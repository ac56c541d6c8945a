"""Letters of the house about approvals: to who may decide, to who may help where nobody is found, to the sender at the end.

In the reader's language, with a link that opens the letter in the approval inbox and none that decides. Where a line hides them, subjects do not stand in letters to approvers.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, Protocol

from smartmail.base.i18n import translate
from smartmail.domain.addressing import ApprovalRow, ApprovalState, ApprovalText, Doubt
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import NewQueueEntry
from smartmail.service.flow.approvals.finding import Finder, FindingStore
from smartmail.service.flow.approvals.texts import Approval

MOST: Final = 10
"""Letters about one question."""
HIDDEN: Final = "***"


class Notices(Protocol):
    """Writes letters: service.flow.addressing.notices."""

    async def entry(
        self, organization_id: OrganizationId, to: str, key: str, values: Mapping[str, object], unsent: bytes = b""
    ) -> NewQueueEntry:
        """Return the notice `key` for an address; `unsent`: a letter that comes back with it."""
        ...

    async def language(self, address: str) -> str:
        """Return the language of who reads at an address."""
        ...


class ApprovalLetters:
    """Writes them."""

    def __init__(self, notices: Notices, finder: Finder, store: FindingStore, home: str) -> None:
        """`home`: where links in mail of the house lead."""
        self._notices = notices
        self._finder = finder
        self._store = store
        self._home = home

    async def to_approvers(self, one: Approval, addresses: Iterable[str] = ()) -> list[NewQueueEntry]:
        """Tell who may decide in the step, or the addresses that the question names; where nobody may, the administrators."""
        row, told = one.row, list(addresses)
        if row.state == "held" and not told:
            held = await self._store.administrators(row.organization_id)
            return await self._to([account.login for account in held], f"{_words(one)}held", one)
        if one.course.asks_sender:
            return await self._ask_sender(one)
        if not told:
            course = one.course
            told = [account.login for account in await self._finder.told(course.approvers | course.above)]
        return await self._to(told, "approval.afterwards" if one.line.afterwards else f"approval.{row.kind}", one)

    async def to_officers(
        self, one: Approval, key: Literal["objected", "overdue"], note: str = ""
    ) -> list[NewQueueEntry]:
        """Tell the administrators what became of a review of mail that has left: an objection, or nothing in its time."""
        found = await self._store.administrators(one.row.organization_id)
        return await self._to([account.login for account in found], f"approval.{key}", one, note)

    async def _to(self, addresses: list[str], key: str, one: Approval, note: str = "") -> list[NewQueueEntry]:
        values = {**self._values(one.row, one.text, hide=one.line.hide_subject), "note": note or "-"}
        return [
            await self._notices.entry(one.row.organization_id, address, key, values)
            for address in list(dict.fromkeys(addresses))[:MOST]
        ]

    async def _ask_sender(self, one: Approval) -> list[NewQueueEntry]:
        """Tell who sent a letter, and nobody who acts for them, why it waits."""
        login = (await self._store.account(one.row.account_id or AccountId(0))).login
        language = await self._notices.language(login)
        why = "\n".join(doubt_line(language, each) for each in one.text.doubts[:MOST])
        values = {**self._values(one.row, one.text, hide=False), "why": why, "hours": one.course.now.decide_after}
        return [await self._notices.entry(one.row.organization_id, login, "misdelivery.ask", values)]

    async def to_sender(
        self, one: Approval, state: ApprovalState, note: str, unsent: bytes = b""
    ) -> NewQueueEntry | None:
        """Tell an author how a question ended; None for one outside, and for an end that tells itself. `unsent`: the letter that
        comes back with it.
        """
        row, text = one.row, one.text
        if one.course.asks_sender and state == "expired":
            login = (await self._store.account(row.account_id or AccountId(0))).login
            key = "misdelivery.unsent" if unsent else "misdelivery.unsent-large"
            return await self._notices.entry(row.organization_id, login, key, {"subject": text.subject or "-"}, unsent)
        if state not in {"rejected", "expired"} or row.account_id is None or not text.sender:
            return None
        key = (
            "approval.reviewed"
            if one.line.afterwards
            else f"{_words(one) if state == 'expired' else 'approval.'}{state}"
        )
        values = {
            "subject": text.subject or "-", "about": row.subject, "note": note or "-", "url": self._link(row),
        }  # fmt: skip
        return await self._notices.entry(row.organization_id, text.sender, key, values)

    def _values(self, row: ApprovalRow, text: ApprovalText, *, hide: bool) -> dict[str, object]:
        subject = HIDDEN if hide else text.subject or "-"
        return {
            "sender": text.sender, "subject": subject, "count": text.recipients, "about": row.subject,
            "label": " → ".join(text.lowered[:2]) or text.reason,
            "why": text.lowered[2] if text.lowered else "-", "entry": f"{row.entry_id:x}", "url": self._link(row),
        }  # fmt: skip

    def _link(self, row: ApprovalRow) -> str:
        return f"{self._home}/#/approvals/{row.entry_id:x}"


def doubt_line(language: str, one: Doubt) -> str:
    """Return one reason as a line, in the words of the composer."""
    key = "domain-new" if one.kind == "domain" and not one.instead else one.kind
    why = translate(language, f"misdelivery.why.{key}", text=one.text, domain=one.instead, count=one.text)
    usual = f" ({one.instead})" if "@" in one.instead else ""
    return f"- {one.address}: {why}{usual}" if one.address else f"- {why}"


def _words(one: Approval) -> str:
    """Return the beginning of keys whose words differ for mail that leak prevention holds, or lets go to be reviewed."""
    if one.line.afterwards:
        return "approval.afterwards-"
    return f"approval.{one.row.kind}-" if one.row.kind in {"leak", "label"} else "approval."
