"""Secure mail (보안메일): letters that people outside read on a page of ours, so that they can be recalled.

`making` puts a letter aside and writes the notices that go out in its place, `opening` is the reader's part, `console` the
sender's, `replying` brings answers in. Must not know HTTP, nor how a letter comes in: the pages are edge.httpd.secure_pages
and edge.httpd.secure_letters, the way out is service.flow.outgoing.shaping (docs/adr/0097-secure-mail-by-link.md).
"""

from dataclasses import dataclass

from smartmail.service.mailbox.secure_mail.console import SecureConsole, SentLetter, SentTicket
from smartmail.service.mailbox.secure_mail.making import Made, SecureLetters
from smartmail.service.mailbox.secure_mail.opening import Invitation, Opening, Over, Reading, TooEarly
from smartmail.service.mailbox.secure_mail.replying import SecureReplying
from smartmail.service.mailbox.secure_mail.upkeep import SecureUpkeep
from smartmail.service.mailbox.secure_mail.wishes import SecureOptions


@dataclass(frozen=True, slots=True)
class SecureMail:
    """The parts that edges, jobs and the way out call."""

    letters: SecureLetters
    opening: Opening
    replying: SecureReplying
    console: SecureConsole
    upkeep: SecureUpkeep


__all__ = [
    "Invitation",
    "Made",
    "Opening",
    "Over",
    "Reading",
    "SecureConsole",
    "SecureLetters",
    "SecureMail",
    "SecureOptions",
    "SecureReplying",
    "SecureUpkeep",
    "SentLetter",
    "SentTicket",
    "TooEarly",
]  # fmt: skip
