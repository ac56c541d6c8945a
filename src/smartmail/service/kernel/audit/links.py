"""Links and heads of audit chains: what of a record goes into them, and the seal that only this installation can make.

A seal is made under the master key, not under the key of an organisation or account: a chain can be verified after their
keys were destroyed.
"""

import hmac
from dataclasses import replace
from typing import Final

from smartmail.domain.audit import INSTALLATION, AuditHead, AuditLink, AuditRow, Source, facts_of
from smartmail.domain.ids import OrganizationId
from smartmail.formats import audit_chain
from smartmail.formats.seal import Purpose
from smartmail.service.kernel.keyring import Keyring

NONCE_OCTETS: Final = 8
"""How much of a record's tag is used once and no MAC."""


class LinkMaker:
    """Makes links and heads, and tells whether one is ours."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def link(self, home: OrganizationId, seq: int, previous: bytes, row: AuditRow, country: str = "") -> AuditLink:
        """Return the link of a record that follows on `previous`."""
        record = canonical(home, seq, row, country)
        digest = audit_chain.digest(previous, record)
        return AuditLink(
            home, seq, row.source, row.id, digest, self._seal(home, seq, digest, record), facts_of(row, country)
        )  # fmt: skip

    def tag(self, nonce: bytes, row: AuditRow) -> bytes:
        """Return what shows that we have written a record, whatever its id became and wherever it will be chained."""
        return self._keyring.installation_mac(Purpose.AUDIT_TAG, nonce, canonical(INSTALLATION, 0, replace(row, id=0)))

    def wrote(self, row: AuditRow) -> bool:
        """Say whether we have written this record as it stands."""
        nonce, tag = row.tag[:NONCE_OCTETS], row.tag[NONCE_OCTETS:]
        return bool(tag) and hmac.compare_digest(self.tag(nonce, row), tag)

    def untagged(self, source: Source, last: int) -> bytes:
        """Return the seal of the mark up to which records of a source have no tags."""
        return self._keyring.installation_mac(Purpose.AUDIT_TAG, b"untagged", source.encode(), last.to_bytes(8, "big"))

    def head(self, home: OrganizationId, length: int, digest: bytes) -> AuditHead:
        """Return the head of a chain."""
        seal = self._keyring.installation_mac(Purpose.AUDIT_HEAD, *_place(home, length), digest)
        return AuditHead(home, length, digest, seal)

    def made_link(self, link: AuditLink, row: AuditRow) -> bool:
        """Say whether we have made this link for this record as it stands, and with these facts."""
        if link.facts != facts_of(row, link.facts.country) or link.gone is not None:
            return False
        record = canonical(link.organization_id, link.seq, row, link.facts.country)
        return self._seal(link.organization_id, link.seq, link.digest, record) == link.seal

    def made_head(self, head: AuditHead) -> bool:
        """Say whether we have made this head."""
        return self.head(head.organization_id, head.length, head.digest) == head

    def gone(self, link: AuditLink) -> bytes:
        """Return the seal of the notice that policy let the record of this link go."""
        return self._keyring.installation_mac(
            Purpose.AUDIT_GONE, *_place(link.organization_id, link.seq), link.digest, link.source.encode()
        )

    def let_go(self, link: AuditLink) -> bool:
        """Say whether such a notice stands in the link, and is ours."""
        return link.gone is not None and link.gone == self.gone(link)

    def _seal(self, home: OrganizationId, seq: int, digest: bytes, record: bytes) -> bytes:
        return self._keyring.installation_mac(Purpose.AUDIT_LINK, *_place(home, seq), digest, record)


def follows(link: AuditLink, previous: bytes, row: AuditRow) -> bool:
    """Say whether a link's digest goes over `previous` and the record: what anybody can check."""
    record = canonical(link.organization_id, link.seq, row, link.facts.country)
    return audit_chain.digest(previous, record) == link.digest


def canonical(home: OrganizationId, seq: int, row: AuditRow, country: str = "") -> bytes:
    """Return what is hashed of a record."""
    return audit_chain.canonical(document(home, seq, row, country))


def document(home: OrganizationId, seq: int, row: AuditRow, country: str = "") -> dict[str, str | int | None]:
    """Return a record as it is hashed: country and door are there where they are known."""
    record = row.record
    known = {"cc": country} if country else {}
    if record.door:
        known["dr"] = record.door
    return {
        **known,
        "acc": row.account_id,
        "act": record.action,
        "det": (record.sealed_detail or b"").hex(),
        "id": row.id,
        "ip": record.address,
        "obj": record.object,
        "org": home,
        "seq": seq,
        "src": row.source,
        "ts": audit_chain.timestamp(record.at),
        "uid": record.actor,
    }


def _place(home: OrganizationId, seq: int) -> tuple[bytes, bytes]:
    return home.to_bytes(8, "big"), seq.to_bytes(8, "big")
