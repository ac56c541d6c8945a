"""Composition of records: chains, anchors, what is made of them for people, and collectors they are sent on to."""

from smartmail.app.floor import Floor, Ports
from smartmail.ports.anchors import AnchorPlace, HeadPlace
from smartmail.ports.siem import Collector
from smartmail.service.catalogue import RecordServices
from smartmail.service.kernel.audit import AuditService
from smartmail.service.kernel.audit.anchoring import AnchorService
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.notifications import Notices
from smartmail.service.operations.records import (
    DestructionService,
    GroundService,
    LookService,
    RecordExportService,
    ReviewService,
)
from smartmail.service.operations.siem import ForwardService, TargetService


def compose_records(
    ports: Ports, floor: Floor, notices: Notices, place: AnchorPlace, collector: Collector, heads: HeadPlace
) -> RecordServices:
    """Make them over the floor."""
    store, clock, keyring, authority = ports.store, ports.clock, floor.keyring, floor.authority
    audit = AuditService(store, keyring, clock, floor.policy, authority, floor.tracing.geo.country_of, heads)
    anchors = AnchorService(store, keyring, clock, audit, place)
    audit.examine = anchors.examine
    texts = RecordTexts(keyring, clock)
    return RecordServices(
        audit=audit,
        anchors=anchors,
        record_texts=texts,
        record_exports=RecordExportService(store, authority, audit, anchors, texts, clock),
        grounds=GroundService(store, authority, texts, clock),
        looks=LookService(store, authority, floor.proposals.independence, keyring, clock),
        reviews=ReviewService(store, authority, keyring, notices, clock),
        destructions=DestructionService(store, authority, floor.proposals, keyring, floor.auth, texts, clock),
        forwarding=ForwardService(store, collector, ports.host),
        collectors=TargetService(store, authority, collector, clock, ports.host),
    )
