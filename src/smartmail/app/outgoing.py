"""Composition of the way of outgoing letters: before whatever brings letters in, and before footers and big files."""

from smartmail.ports.clock import Clock
from smartmail.service.addressing.parts import Addressing
from smartmail.service.directory import DirectoryService
from smartmail.service.keyring import Keyring
from smartmail.service.letter_entries import LetterEntries
from smartmail.service.outgoing import Judge, Outgoing, Shaper
from smartmail.service.outgoing.limits import MailLimits
from smartmail.service.outgoing.reaching import Reaching
from smartmail.service.sharing.sending import SendingService


def compose_outgoing(
    keyring: Keyring, clock: Clock, directory: DirectoryService, addressing: Addressing, sending: SendingService, limits: MailLimits
) -> Outgoing:  # fmt: skip
    """Return the pipeline."""
    judge = Judge(sending, limits, addressing.allowances, Reaching(directory, addressing.passing))
    return Outgoing(
        judge, Shaper(), LetterEntries(keyring, clock), sending, limits, addressing.allowances, addressing.journals
    )
