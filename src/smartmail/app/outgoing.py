"""Composition of the way of outgoing letters: before whatever brings letters in, and before footers and big files."""

from smartmail.ports.clock import Clock
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.flow.outgoing import Judge, Outgoing, Shaper
from smartmail.service.flow.outgoing.limits import MailLimits
from smartmail.service.flow.outgoing.reaching import Reaching
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.mailbox.sharing.sending import SendingService


def compose_outgoing(
    keyring: Keyring, clock: Clock, directory: DirectoryService, addressing: Addressing, sending: SendingService, limits: MailLimits
) -> Outgoing:  # fmt: skip
    """Return the pipeline."""
    judge = Judge(sending, limits, addressing.allowances, Reaching(directory, addressing.passing))
    return Outgoing(
        judge, Shaper(), LetterEntries(keyring, clock), sending, limits, addressing.allowances, addressing.journals
    )
