"""Speed of signing and judging one message: `python -m tests.bench.mail_authentication [--octets 60000] [--rounds 400]`.

Medians and the 95th percentile of one process, keys loaded, name service answered from memory; beside dkimpy on the same
message. The figures to reach are 0.5 ms for a signature and 1 ms for a judgement of 60 KB.
"""

import argparse
import asyncio
import json
import platform
import time
from collections.abc import Callable

import dkim as dkimpy
from cryptography.hazmat.primitives import serialization
from tests.lab.dkim import sign_message

from smartmail.adapters.clock import SystemClock
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.summary import build
from smartmail.proto.mailauth import arc, keys
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.dkim import SigningKey, Verifier
from smartmail.proto.mailauth.spf import check_host
from smartmail.service.flow.authentication.inspector import AuthenticationInspector
from smartmail.service.kernel.inspection.specimen import Source, Specimen
from smartmail.service.protection.route.trust import Relays

LINE = "Das ist eine Zeile eines Berichts,  0123456789 und noch mehr davon\r\n"


def timed(work: Callable[[], object], rounds: int) -> dict[str, float]:
    """Return median and p95 in milliseconds."""
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        work()
        times.append((time.perf_counter() - before) * 1000)
    return spread(times)


def spread(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {"median_ms": round(times[len(times) // 2], 3), "p95_ms": round(times[len(times) * 95 // 100], 3)}


def message(octets: int) -> bytes:
    head = (
        "Received: from a by b; Thu, 26 Nov 2026 09:00:00 +0900\r\nFrom: Kim <kim@a.test>\r\nTo: lee@b.test, park@c.test\r\n"
        "Subject: report\r\nDate: Thu, 26 Nov 2026 09:00:00 +0900\r\nMessage-ID: <1@a.test>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return (head + LINE * (octets // len(LINE))).encode()


def measure(octets: int, rounds: int) -> dict[str, object]:
    octet_message = message(octets)
    rsa, ed25519 = keys.generate("rsa"), keys.generate("ed25519")
    zone = {"r._domainkey.a.test": [keys.record_of(rsa)], "e._domainkey.a.test": [keys.record_of(ed25519)]}
    zone["a.test"] = ["v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip4:192.0.2.0/24 -all"]

    async def lookup(name: str) -> list[str]:
        return zone[name]

    async def ask(name: str, _kind: str) -> list[str]:
        return zone[name]

    def judge(signed: bytes) -> str:
        header, _, body = signed.partition(b"\r\n\r\n")
        verifier = Verifier(header + b"\r\n")
        verifier.update(body)
        [verdict] = asyncio.run(verifier.finish(lookup, 1_800_000_000))
        assert verdict.result == "pass"
        return verdict.result

    def seal() -> bytes:
        header, _, body = octet_message.partition(b"\r\n\r\n")
        bodies = Bodies()
        bodies.want("relaxed")
        chain = arc.Chain(header + b"\r\n", bodies)
        bodies.update(body)
        digest = bodies.digest("relaxed")[0]
        key = SigningKey("a.test", "r", rsa)
        return arc.seal(header + b"\r\n", chain, "none", [], digest, key, server="mx", signed_at=1)

    found: dict[str, object] = {"python": platform.python_version(), "octets": len(octet_message), "rounds": rounds}
    for name, private, selector in (("rsa2048", rsa, "r"), ("ed25519", ed25519, "e")):
        key = SigningKey("a.test", selector, private)
        signed = sign_message(octet_message, [key], signed_at=1) + octet_message
        found[f"sign {name}"] = timed(lambda key=key: sign_message(octet_message, [key], signed_at=1), rounds)
        found[f"verify {name}"] = timed(lambda signed=signed: judge(signed), rounds)
    found["inspector, names remembered"] = inspected(octet_message, rsa, zone, rounds)
    found["seal rsa2048"] = timed(seal, rounds)
    found["spf"] = timed(lambda: asyncio.run(check_host("192.0.2.1", "a.test", "x@a.test", "a.test", ask)), rounds)
    pem = rsa.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    forms = (b"relaxed", b"relaxed")
    field = dkimpy.sign(octet_message, b"r", b"a.test", pem, canonicalize=forms)
    record = zone["r._domainkey.a.test"][0].encode()
    few = max(10, rounds // 10)
    found["dkimpy sign"] = timed(lambda: dkimpy.sign(octet_message, b"r", b"a.test", pem, canonicalize=forms), few)
    found["dkimpy verify"] = timed(
        lambda: dkimpy.verify(field + octet_message, dnsfunc=lambda *_args, **_options: record), few
    )
    return found


class _Names:
    """A resolver over TXT records."""

    def __init__(self, zone: dict[str, list[str]]) -> None:
        self._zone = zone

    async def txt(self, name: str) -> list[bytes]:
        return [text.encode() for text in self._zone.get(name, [])]


class _Brands:
    """Nobody wants marks."""

    async def want(self, _bimi: object, _accounts: object) -> None:
        return None


class _Relays:
    """Nobody is trusted."""

    async def relays(self) -> Relays:
        return Relays()


class _Store:
    """Settings that are not set."""

    async def settings(self, _scope: str) -> dict[str, str]:
        return {}


def inspected(octets: bytes, key: keys.PrivateKey, zone: dict[str, list[str]], rounds: int) -> dict[str, float]:
    """Time the whole inspector: SPF, DKIM, ARC, DMARC, the field on top."""
    zone = {**zone, "_dmarc.a.test": ["v=DMARC1; p=reject"]}
    octets = sign_message(octets, [SigningKey("a.test", "r", key)], signed_at=1) + octets
    scanner = Scanner()
    scanner.feed(octets)
    entity = scanner.finish()
    header, summary = Header(octets[: entity.body_start]), build(entity)
    source = Source("192.0.2.1", helo="mx.a.test", by="mx.test")

    async def read(start: int, length: int) -> bytes:
        return octets[start : start + length]

    async def run() -> dict[str, float]:
        inspector = AuthenticationInspector(_Store(), _Names(zone), SystemClock(), "mx.test", _Relays(), _Brands())  # type: ignore[arg-type]
        times = []
        for _ in range(rounds):
            specimen = Specimen(
                source,
                "x@a.test",
                ["k@b.test"],
                [None],
                header,
                entity,
                summary,
                octets,
                len(octets),
                read,
                1_800_000_000_000,
            )
            before = time.perf_counter()
            await inspector.examine(specimen)
            times.append((time.perf_counter() - before) * 1000)
            assert specimen.findings.aligned
        return spread(times)

    return asyncio.run(run())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--octets", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=400)
    options = parser.parse_args()
    print(json.dumps(measure(options.octets, options.rounds), indent=2))


if __name__ == "__main__":
    main()
