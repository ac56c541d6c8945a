"""Composition of addressing: aliases, lists, relays, other systems, approvals."""

from smartmail.adapters.callahead import SmtpProber
from smartmail.ports.dns import Resolver
from smartmail.ports.store import Store
from smartmail.service.addressing.allowance import AllowanceService
from smartmail.service.addressing.approvals import ApprovalService
from smartmail.service.addressing.book import AddressBook
from smartmail.service.addressing.copying import QueueCopier
from smartmail.service.addressing.handing import Handing
from smartmail.service.addressing.journaling import JournalService
from smartmail.service.addressing.lists import ListService
from smartmail.service.addressing.mediating import Mediator
from smartmail.service.addressing.notices import NoticeWriter
from smartmail.service.addressing.parts import Addressing
from smartmail.service.addressing.passing import Passing
from smartmail.service.addressing.relays import RelayService
from smartmail.service.addressing.standing import StandInService
from smartmail.service.addressing.systems import SystemService
from smartmail.service.addressing.walls import Walls
from smartmail.service.authority import Authority
from smartmail.service.directory import DirectoryService
from smartmail.service.policy import PolicyService
from smartmail.service.push import Hints
from smartmail.service.sealed_blobs import SealedBlobs


def compose_addressing(
    store: Store,
    book: AddressBook,
    directory: DirectoryService,
    blobs: SealedBlobs,
    resolver: Resolver | None,
    policy: PolicyService,
    hints: Hints,
    host: str,
    web: str,
    authority: Authority,
    walls: Walls,
) -> Addressing:
    """Return the parts. `web`: where people reach our pages, for links in mail of lists ("" for none)."""
    finder = directory.finder
    notices = NoticeWriter(store, book.keyring, blobs, book.clock, host)
    approvals = ApprovalService(book, notices, hints, authority)
    copier = QueueCopier(store, book.keyring, blobs, book.clock)
    mediator = Mediator(book, finder, copier, approvals, resolver, web, walls)
    handing = Handing(copier, finder, mediator, walls)
    passing = Passing(book, mediator, resolver, SmtpProber(host))
    return Addressing(
        book, StandInService(book, authority), ListService(book, mediator, authority),
        SystemService(book, passing, authority),
        RelayService(book, notices, hints, authority), approvals, passing, handing, notices,
        AllowanceService(book, policy, approvals, notices, hints),
        JournalService(book, blobs, host, authority),
    )  # fmt: skip
