"""Composition of inspectors: who looks at what comes from outside, and in which order."""

from smartmail.app.ruling import Ruling
from smartmail.app.tracing import Tracing
from smartmail.ports.clock import Clock
from smartmail.ports.dns import Resolver
from smartmail.ports.store import Store
from smartmail.service.flow.authentication.brands import BrandService
from smartmail.service.flow.authentication.inspector import AuthenticationInspector
from smartmail.service.flow.authentication.reports import ReportIntake
from smartmail.service.flow.transport.intake import TlsReportIntake
from smartmail.service.kernel.inspection.specimen import Inspector


def compose_inspectors(
    store: Store,
    resolver: Resolver | None,
    clock: Clock,
    host: str,
    tracing: Tracing,
    aside: Inspector,
    signatures: Inspector,
    judges: tuple[Inspector, ...] = (),
    ruling: Ruling | None = None,
    brands: BrandService | None = None,
) -> tuple[Inspector, ...]:
    """Return the chain: authentication first, for all others judge by it; then the way; the filter last.

    Without a name service nobody can be authenticated.
    """
    chain: list[Inspector] = []
    if resolver is not None:
        chain.append(AuthenticationInspector(store, resolver, clock, host, tracing.relays, brands))
    chain += [signatures, tracing.inspector]
    if ruling is not None:
        chain += ruling.steps
    # What was learned, then the verdict, which sums everything that was found before.
    chain += judges
    # Judged by all others: what becomes of a message decides what is learnt from it.
    chain.append(tracing.memory)
    if ruling is not None:
        chain.append(ruling.memory)
    if resolver is not None:
        chain += [ReportIntake(store), TlsReportIntake(store)]
    # Last: what is junk needs no place of its own, and only wanted mail makes its sender known to the greylist.
    chain.append(aside)
    return tuple(chain)
