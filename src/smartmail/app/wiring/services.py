"""All services of a process: the floors made one above the other, and put into the catalogue by their names.

FAILURE  A service of the catalogue that no floor has made: KeyError when a process starts; a call of an upper floor that nobody has
         bound: RuntimeError.
"""

from dataclasses import fields

from smartmail.app import catalogues
from smartmail.app.wiring.flow.incoming import Inbound
from smartmail.app.wiring.flow.outgoing import Certificates, Outbound
from smartmail.app.wiring.flow.personal import PersonalMail
from smartmail.app.wiring.governance import Governance
from smartmail.app.wiring.identity import Factors, Identity
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.mailbox import Files, Mailbox, Sharing
from smartmail.app.wiring.operations import AdminApi, Care, Records, Reports
from smartmail.app.wiring.people import Directory, Imports, Life
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.service.catalogue import Services


def compose_services(ports: Ports) -> Services:
    """Make all services of a process over its ports."""
    catalogues.load()
    upcalls = Upcalls(ports)
    kernel = Kernel(ports)
    protection = Protection(ports, kernel, upcalls)
    identity = Identity(ports, kernel, protection, upcalls)
    factors = Factors(ports, kernel, identity, upcalls)
    mailbox = Mailbox(ports, kernel)
    sharing = Sharing(ports, kernel, mailbox)
    files = Files(ports, kernel, protection, identity, mailbox)
    outbound = Outbound(ports, kernel, protection, mailbox, files, upcalls)
    inbound = Inbound(ports, kernel, protection, mailbox, outbound)
    personal = PersonalMail(ports, kernel, mailbox, files, outbound, inbound)
    certificates = Certificates(ports, kernel)
    governance = Governance(ports, kernel, protection, identity, mailbox)
    records = Records(ports, kernel, protection, identity)
    care = Care(ports, kernel, identity, outbound)
    reports = Reports(
        ports, kernel, protection, identity, outbound, personal, certificates, governance, records, upcalls
    )  # fmt: skip
    api = AdminApi(ports, kernel, protection, outbound, governance, records, care)
    directory = Directory(ports, kernel, identity, mailbox, sharing, outbound, upcalls)
    life = Life(
        ports, kernel, identity, files, outbound, governance, records, care, directory, upcalls
    )  # fmt: skip
    imports = Imports(kernel, sharing, outbound, governance, api, directory)
    upcalls.require_all()
    return _catalogue(
        upcalls, kernel, protection, identity, factors, mailbox, sharing, files, outbound, inbound, personal, certificates,
        governance, records, care, reports, api, directory, life, imports,
    )  # fmt: skip


def _catalogue(*floors: object) -> Services:
    made = {name: service for floor in floors for name, service in vars(floor).items()}
    return Services(**{one.name: made[one.name] for one in fields(Services)})
