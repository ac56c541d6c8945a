"""A letter on its way out, as an exit shows it to leak prevention. Must not know what follows from a verdict."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import Exit
from smartmail.domain.principal import Actor, Door
from smartmail.formats import security_label
from smartmail.formats.headers import Header
from smartmail.formats.summary import Summary
from smartmail.formats.words import decode_text

Read = Callable[[int, int], Awaitable[bytes]]
"""Returns bytes of a message: where they begin, and how many."""

REASON_FIELD: Final = "X-SmartMail-Reason"
"""Header field in which a sender says why a letter goes out although a rule warns of it. It never leaves: see
service.flow.authentication.forgeries.
"""
MAX_REASON: Final = 500
_BY_DOOR: Final[dict[Door, Exit]] = {"smtp": "smtp", "web": "web", "jmap": "jmap", "system": "planned"}


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """Who sends what to whom by which exit. `read` gives bytes of the message whose parts `summary` tells of; `reason` is what
    the sender said after a warning; `label` is the id of the security label that it leaves with, "" where only its header says
    so. `machine`: a registered one; `automatic`: no person sends it now; `ascii`: what its sender is told is ASCII alone
    (RFC 5321 §4.2).
    """

    account_id: AccountId
    exit: Exit
    sender: str
    recipients: Sequence[str]
    summary: Summary
    read: Read = field(repr=False)
    reason: str = ""
    machine: bool = False
    automatic: bool = False
    ascii: bool = False
    label: str = ""

    @property
    def labelled(self) -> str:
        """The id of the security label that it leaves with, "" for none. Our own header field counts where nothing else is known:
        what comes from outside has none (authentication.forgeries).
        """
        if self.label:
            return self.label
        block = self.summary.header_fields([security_label.FIELD.lower()])
        return next(iter(security_label.read(Header(block)).labels), "") if block else ""


def exit_of(actor: Actor, *, machine: bool = False, secure: bool = False) -> Exit:
    """Return the exit of a letter by who brings it and as what it leaves: secure mail is an exit of its own, JMAP and pages of
    ours too; what a program brings by JMAP with a token that was given to it is `api`, what no person sends now planned mail.
    """
    if machine:
        return "relay"
    if secure:
        return "secure"
    door = actor.origin.door
    return "api" if door == "jmap" and actor.by == "token" else _BY_DOOR.get(door, "api")


def reason_of(block: bytes) -> str:
    """Return what the sender said after a warning, of a header block; "" where nothing."""
    value = Header(block).first(REASON_FIELD.lower())
    return "" if value is None else " ".join(decode_text(value).split())[:MAX_REASON]
