"""Judging: whether a person may send a letter as it is, and whether it must wait for an approval.

An SMTP client learns of each refusal at the command that causes it, so `Terms` answers one question at a time; a stored
message is judged at once by `Judge.letter`. The questions are the same. Must not know how a letter came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.summary import Summary
from smartmail.policy.security_labels import Chosen
from smartmail.service.flow.addressing.allowance import Allowance, AllowanceService
from smartmail.service.flow.outgoing import labelling
from smartmail.service.flow.outgoing.labelling import Labelling
from smartmail.service.flow.outgoing.limits import Bounds, MailLimits
from smartmail.service.flow.outgoing.reaching import Reaching
from smartmail.service.kernel.envelope import Recipient
from smartmail.service.mailbox.sharing.sending import Delegated, SendingService

MAX_RECIPIENTS = 1_000
"""Of one stored message, whatever policy says."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one sender while a letter is taken in. `machine`: a registered one, on whose header others decide."""

    actor: Actor
    bounds: Bounds
    allowance: Allowance
    machine: bool = False

    def check_content(self, summary: Summary, outside: int) -> None:
        """Judge what a letter carries; `outside` counts recipients elsewhere. Raises PolicyRejected."""
        self.bounds.check_attachments(summary)
        if not self.machine:
            self.bounds.check_originals(summary, outside)

    def counted_already(self) -> "Terms":
        """Return the terms of a letter that counted for its day when it was handed in."""
        return replace(self, allowance=replace(self.allowance, sent_today=0))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A letter that may be sent. `delegated`: the account it is sent for, None for the sender's own; `label`: what it carries."""

    recipients: tuple[Recipient, ...]
    delegated: Delegated | None
    outside: int
    needs_approval: bool
    label: Chosen = labelling.NONE


class Judge:
    """Asks policy, rights and the directory."""

    def __init__(
        self, sending: SendingService, limits: MailLimits, allowances: AllowanceService, reaching: Reaching,
        labels: Labelling,
    ) -> None:  # fmt: skip
        self.labels = labels
        self.sending = sending
        self._limits = limits
        self._allowances = allowances
        self._reaching = reaching

    async def terms(self, actor: Actor, *, machine: bool = False) -> Terms:
        """Return what holds for a sender now. Raises PolicyRejected: may not send at present."""
        bounds = await self._limits.of(actor)
        return Terms(actor, bounds, await self._allowances.of(actor.account_id), machine)

    async def shown(self, terms: Terms, summary: Summary) -> Delegated | None:
        """Judge From and Sender as they leave; return the account that the letter is sent for. Raises PolicyRejected."""
        boxes = summary.addresses
        from_, sender = [one.address for one in boxes.from_], [one.address for one in boxes.sender]
        return await self.sending.check_shown(terms.actor, from_, sender)

    async def letter(
        self, terms: Terms, reverse_path: str, recipients: Sequence[str], summary: Summary | None, size: int = 0,
        account_id: AccountId | None = None,
    ) -> Verdict:  # fmt: skip
        """Judge a whole letter of `size` bytes; without a summary (its message is gone) only its envelope. `account_id`: which
        account holds it, None for the sender's own.

        Raises Invalid (no recipients, Unreachable), PolicyRejected, TooLarge.
        """
        bounds, delegated, label = terms.bounds, None, labelling.NONE
        bounds.check_recipients(len(recipients))
        if summary is None:
            await self.sending.check(terms.actor, [reverse_path])
        else:
            bounds.check_octets(size)
            delegated = await self._header(terms, reverse_path, recipients, summary)
        reached = await self._reaching.of(recipients, reverse_path, terms.actor)
        outside = await self._allowances.outside(recipients)
        needs_approval = terms.allowance.check(outside)
        if summary is not None:
            terms.check_content(summary, outside)
            label = await self.labels.of_stored(terms.actor, account_id or terms.actor.account_id, summary)
        needs_approval |= labelling.check(label, outside)
        return Verdict(tuple(reached), delegated, outside, needs_approval, label)

    async def _header(
        self, terms: Terms, reverse_path: str, recipients: Sequence[str], summary: Summary
    ) -> Delegated | None:
        if not recipients:
            raise Invalid("no recipients")
        if len(recipients) > MAX_RECIPIENTS:
            raise Invalid(f"at most {MAX_RECIPIENTS} recipients")
        if any("@" not in one or one != one.strip() or not one.isprintable() for one in recipients):
            raise Invalid("a recipient is not an address")
        boxes = summary.addresses
        shown = [reverse_path, *(one.address for one in boxes.from_)]
        return await self.sending.check_header(terms.actor, shown, [one.address for one in boxes.sender])
