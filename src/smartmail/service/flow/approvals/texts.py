"""What of an approval is sealed, opened; and lines for questions that have none of their own. Must not know how it is decided."""

from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.domain.addressing import ApprovalKind, ApprovalRow, ApprovalText
from smartmail.domain.approving import ActRow, ActText, Approver, Course, Line, Step, Vote, Who
from smartmail.formats.seal import Kind
from smartmail.ports.store_approvals import ApprovalStore
from smartmail.service.kernel.keyring import Keyring, Sealer

CLOCK_HOURS: Final = 72
"""Of questions that name no line: shorter than the life of a queue entry."""
_ADMINISTRATORS: Final = Who("administrators")


class Store(Protocol):
    """The group of the store that is used here."""

    @property
    def approving(self) -> ApprovalStore:
        """Approvals."""
        ...


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval, opened. `approvers` of all steps."""

    row: ApprovalRow
    text: ApprovalText
    line: Line
    acts: tuple[ActRow, ...] = ()
    approvers: tuple[Approver, ...] = ()

    @property
    def has_line(self) -> bool:
        """Whether an approval line with a name decides, and not who decides where there is none."""
        return self.row.kind in {"leak", "label"} and self.line.name != self.row.kind

    @property
    def course(self) -> Course:
        """How far it is."""
        here = [one for one in self.approvers if one.step == self.row.step]
        votes = [one for one in self.acts if one.step == self.row.step and one.act in {"approve", "reject"}]
        return Course(
            self.line, self.row.state, self.row.step, frozenset(one.account_id for one in here if not one.above),
            frozenset(one.account_id for one in here if one.above),
            tuple(Vote(one.account_id, one.act == "approve", one.by_id) for one in votes), self.row.escalated,
        )  # fmt: skip


class Opener:
    """Reads approvals and opens them."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def open_all(self, rows: list[ApprovalRow]) -> list[Approval]:
        """Return rows with text, line, history and approvers."""
        numbers = [row.id for row in rows]
        acts, approvers = await self._store.approving.acts(numbers), await self._store.approving.approvers(numbers)
        return [
            Approval(
                row, await self.text(row), line_of(row), tuple(one for one in acts if one.approval_id == row.id),
                tuple(one for one in approvers if one.approval_id == row.id),
            )
            for row in rows
        ]  # fmt: skip

    async def open(self, approval_id: int) -> Approval:
        """Return one. Raises NotFound."""
        [one] = await self.open_all([await self._store.approving.one(approval_id)])
        return one

    async def text(self, row: ApprovalRow) -> ApprovalText:
        """Return what an approver must see."""
        keys = await self._keyring.organization(row.organization_id)
        return msgspec.msgpack.decode(keys.open(Kind.APPROVAL, row.sealed, row.entry_id), type=ApprovalText)

    async def said(self, one: Approval) -> dict[int, ActText]:
        """Return what was typed with the acts of an approval, by their number."""
        keys = await self._keyring.organization(one.row.organization_id)
        return {act.number: open_act(keys, act) for act in one.acts if act.sealed}


def line_of(row: ApprovalRow) -> Line:
    """Return the line that a question goes by; one that an earlier version asked goes to the administrators."""
    return msgspec.json.decode(row.line, type=Line) if row.line else plain_line(row.kind, ())


def plain_line(kind: ApprovalKind, people: tuple[int, ...]) -> Line:
    """Return a line of one step, in hours of the clock: people, or where there are none administrators."""
    who = Who("people", people=people) if people else _ADMINISTRATORS
    return Line(kind, (Step(who, escalate_after=0, decide_after=CLOCK_HOURS),), clock=True)


def seal_act(keys: Sealer, approval_id: int, at: int, text: ActText) -> bytes:
    """Return what was typed with an act, sealed; b"" where nothing was."""
    return b"" if text == ActText() else keys.seal(Kind.APPROVAL_ACT, msgspec.msgpack.encode(text), approval_id, at)


def open_act(keys: Sealer, act: ActRow) -> ActText:
    """Open it. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.APPROVAL_ACT, act.sealed, act.approval_id, act.at), type=ActText)
