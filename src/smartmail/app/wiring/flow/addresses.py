"""What an address is: the directory, aliases, lists, relays, other systems, approvals."""

from smartmail.adapters.callahead import SmtpProber
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.service.flow.addressing.allowance import AllowanceService
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.copying import QueueCopier
from smartmail.service.flow.addressing.handing import Handing
from smartmail.service.flow.addressing.journaling import JournalService
from smartmail.service.flow.addressing.lists import ListService
from smartmail.service.flow.addressing.mediating import Mediator
from smartmail.service.flow.addressing.notices import NoticeWriter
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.flow.addressing.passing import Passing
from smartmail.service.flow.addressing.relays import RelayService
from smartmail.service.flow.addressing.standing import StandInService
from smartmail.service.flow.addressing.systems import SystemService
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.flow.approvals import ApprovalService
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.protection.leaks import AutomaticLeaks, Incidents


class Addresses:
    """Made over the kernel."""

    def __init__(
        self, ports: Ports, kernel: Kernel, tracer: Tracer, upcalls: Upcalls, leaks: AutomaticLeaks,
        incidents: Incidents,
    ) -> None:  # fmt: skip
        store, keyring, clock, host = ports.store, kernel.keyring, ports.clock, ports.host
        hints, authority = kernel.hints, kernel.authority
        self.book = book = AddressBook(store, keyring, clock)
        walls = Walls(store, kernel.policy, clock)
        self.directory = DirectoryService(store, keyring, book, walls, upcalls.close_reason)
        finder = self.directory.finder
        notices = NoticeWriter(store, keyring, kernel.blobs, clock, host)
        approvals = ApprovalService(
            store,
            keyring,
            notices,
            hints,
            authority,
            tracer,
            clock,
            kernel.policy,
            book.moderators,
            kernel.blobs,
            ports.home,
            incidents,
        )
        copier = QueueCopier(store, keyring, kernel.blobs, clock)
        mediator = Mediator(book, finder, copier, approvals, ports.resolver, ports.site, walls, leaks)
        passing = Passing(book, mediator, ports.resolver, SmtpProber(host))
        self.addressing = Addressing(
            book, StandInService(book, authority), ListService(book, mediator, authority),
            SystemService(book, passing, authority), RelayService(book, notices, hints, authority), approvals, passing,
            Handing(copier, finder, mediator, walls, leaks), notices,
            AllowanceService(book, kernel.policy, approvals, notices, hints),
            JournalService(book, kernel.blobs, host, authority),
        )  # fmt: skip
