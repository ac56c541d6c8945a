"""Composition of big files: over the floor; a verdict begins when the last octet is there."""

from smartmail.app.floor import Floor, Ports
from smartmail.ports.dissection import NoDissector
from smartmail.service.mailbox.big_files import BigFiles, BigFileUpkeep, BigLinks, BigUploads, Giving, Verdicts, Viewing
from smartmail.service.mailbox.big_files.contents import Contents
from smartmail.service.mailbox.big_files.converting import BigAttachments
from smartmail.service.mailbox.big_files.letters import BigFileLetters
from smartmail.service.mailbox.big_files.texts import FileKeys
from smartmail.service.mailbox.previewing import PreviewService


def compose_big_files(ports: Ports, floor: Floor) -> BigFiles:
    """Return the parts; letters with big attachments go through them from now on."""
    store, clock, policy = ports.store, ports.clock, floor.policy
    keys, contents = FileKeys(floor.keyring, clock), Contents(store, floor.blobs)
    verdicts = Verdicts(store, keys, contents, floor.ruling.engines, ports.dissector or NoDissector(), policy, clock)
    letters = BigFileLetters(store, floor.keyring, floor.blobs, floor.hints, clock, ports.host)
    links = BigLinks(store, keys, policy, clock, ports.site or f"https://{ports.host}")
    uploads = BigUploads(store, keys, floor.blobs, policy, clock, verdicts.begin)
    floor.outgoing.shaper.big_attachments = BigAttachments(store, floor.blobs, policy, uploads, links)
    giving = Giving(store, keys, contents, policy, floor.access.gate, letters, clock)
    viewing = Viewing(contents, PreviewService(ports.extractor, ports.layouts), policy, clock)
    upkeep = BigFileUpkeep(store, keys, links, letters, verdicts, clock)
    return BigFiles(uploads, links, giving, verdicts, upkeep, viewing)
