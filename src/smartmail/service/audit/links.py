"""Links and heads of audit chains: what of a record goes into them, and the seal that only this installation can make.

A seal is made under the master key, not under the key of an organisation or account: a chain can be verified after their
keys were destroyed.
"""

from smartmail.domain.audit import AuditHead, AuditLink, AuditRow
from smartmail.domain.ids import OrganizationId
from smartmail.formats import audit_chain
from smartmail.formats.seal import Purpose
from smartmail.service.keyring import Keyring


class LinkMaker:
    """Makes links and heads, and tells whether one is ours."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def link(self, home: OrganizationId, seq: int, previous: bytes, row: AuditRow) -> AuditLink:
        """Return the link of a record that follows on `previous`."""
        record = canonical(home, seq, row)
        digest = audit_chain.digest(previous, record)
        return AuditLink(home, seq, row.source, row.id, digest, self._seal(home, seq, digest, record))

    def head(self, home: OrganizationId, length: int, digest: bytes) -> AuditHead:
        """Return the head of a chain."""
        seal = self._keyring.installation_mac(Purpose.AUDIT_HEAD, *_place(home, length), digest)
        return AuditHead(home, length, digest, seal)

    def made_link(self, link: AuditLink, row: AuditRow) -> bool:
        """Say whether we have made this link for this record as it stands."""
        record = canonical(link.organization_id, link.seq, row)
        return self._seal(link.organization_id, link.seq, link.digest, record) == link.seal

    def made_head(self, head: AuditHead) -> bool:
        """Say whether we have made this head."""
        return self.head(head.organization_id, head.length, head.digest) == head

    def forgotten(self, last: int, before: int) -> bytes:
        """Return the seal of the notice that logins up to an id were forgotten as policy says."""
        return self._keyring.installation_mac(
            Purpose.AUDIT_FORGOTTEN, last.to_bytes(8, "big"), before.to_bytes(8, "big")
        )  # fmt: skip

    def _seal(self, home: OrganizationId, seq: int, digest: bytes, record: bytes) -> bytes:
        return self._keyring.installation_mac(Purpose.AUDIT_LINK, *_place(home, seq), digest, record)


def follows(link: AuditLink, previous: bytes, row: AuditRow) -> bool:
    """Say whether a link's digest goes over `previous` and the record: what anybody can check."""
    return audit_chain.digest(previous, canonical(link.organization_id, link.seq, row)) == link.digest


def canonical(home: OrganizationId, seq: int, row: AuditRow) -> bytes:
    """Return what is hashed of a record."""
    record = row.record
    return audit_chain.canonical(
        {
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
    )


def _place(home: OrganizationId, seq: int) -> tuple[bytes, bytes]:
    return home.to_bytes(8, "big"), seq.to_bytes(8, "big")
