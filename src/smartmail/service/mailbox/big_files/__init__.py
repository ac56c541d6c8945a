"""Big files (대용량첨부): they come in parts, get a verdict, and go to whoever has a link.

Must not know HTTP: the doors are edge.httpd.tus, edge.httpd.file_links and the JMAP types LinkedFile and FileLink.
"""

from dataclasses import dataclass

from smartmail.service.mailbox.big_files.giving import Ended, Giving, NotYet, Offer, Ticket
from smartmail.service.mailbox.big_files.links import BigLinks, HeldLink, LinkWish
from smartmail.service.mailbox.big_files.texts import OpenFile
from smartmail.service.mailbox.big_files.upkeep import BigFileUpkeep
from smartmail.service.mailbox.big_files.uploading import BigUploads, Growth
from smartmail.service.mailbox.big_files.verdicts import Verdicts
from smartmail.service.mailbox.big_files.viewing import Look, Viewing


@dataclass(frozen=True, slots=True)
class BigFiles:
    """The parts that edges, commands and jobs call."""

    uploads: BigUploads
    links: BigLinks
    giving: Giving
    verdicts: Verdicts
    upkeep: BigFileUpkeep
    viewing: Viewing


__all__ = [
    "BigFileUpkeep", "BigFiles", "BigLinks", "BigUploads", "Ended", "Giving", "Growth", "HeldLink", "LinkWish", "Look", "NotYet",
    "Offer", "OpenFile", "Ticket", "Verdicts", "Viewing",
]  # fmt: skip
