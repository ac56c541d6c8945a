"""Zones of the DNS lab, signed by keys of their own: KSK, ZSK, and the DS that their parent shows."""

import time
from dataclasses import dataclass, field

import dns.dnssec
import dns.name
import dns.node
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

ZSK, KSK = 256, 257
DAY = 86_400
TTL = 60


@dataclass
class ZoneKeys:
    """The two keys of a zone, ECDSA P-256 (algorithm 13)."""

    name: str
    pairs: list[tuple[ec.EllipticCurvePrivateKey, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for flags in (KSK, ZSK):
            private = ec.generate_private_key(ec.SECP256R1())
            self.pairs.append((private, dns.dnssec.make_dnskey(private.public_key(), 13, flags)))

    @property
    def ds(self) -> str:
        """The record that the parent shows, also good as a trust anchor."""
        return dns.dnssec.make_ds(self.name, self.pairs[0][1], "SHA256").to_text()


@dataclass(frozen=True)
class Zone:
    """One zone. `secure`: signed and delegated with DS. `bogus`: its parent's DS belongs to other keys."""

    name: str
    records: str
    secure: bool
    bogus: bool
    expired: bool
    keys: ZoneKeys
    strangers: ZoneKeys

    def delegation(self) -> str:
        """Return what the root says of it."""
        text = f"{self.name} {TTL} IN NS ns.lab.\n"
        if self.secure:
            text += f"{self.name} {TTL} IN DS {(self.strangers if self.bogus else self.keys).ds}\n"
        return text

    def text(self, serial: int) -> str:
        """Return the zone file, signed where it is secure."""
        head = f"$ORIGIN {self.name}\n$TTL {TTL}\n@ IN SOA ns.lab. hostmaster.lab. {serial} 3600 600 86400 {TTL}\n"
        if self.name != ".":
            head += "@ IN NS ns.lab.\n"
        zone = dns.zone.from_text(head + self.records, origin=self.name, relativize=False, check_origin=False)
        if self.secure:
            self._sign(zone)
        return zone.to_text(relativize=False)

    def _sign(self, zone: dns.zone.Zone) -> None:
        now = int(time.time())
        age = 10 * DAY if self.expired else 0
        dns.dnssec.sign_zone(
            zone, keys=self.keys.pairs, dnskey_ttl=TTL, inception=now - age - DAY, expiration=now - age + 7 * DAY
        )


def absolute(name: str) -> str:
    """Return a name in lower case with its last dot."""
    return name.lower().rstrip(".") + "."
