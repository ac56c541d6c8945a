"""What a forger may do to keep a domain's policy from being done: it is done all the same."""

import asyncio
import base64
import hashlib

import pytest
from tests.unit.service_authentication import test_matrix as matrix

from smartmail.proto.mailauth.canonical import BodyHasher
from smartmail.service.flow.authentication import judging, names


class SlowNames(matrix.Names):
    """Names below slow.test are never answered."""

    async def _ask(self, name, kind):
        if name.endswith("slow.test"):
            await asyncio.Event().wait()
        return await super()._ask(name, kind)


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(matrix, "Names", SlowNames)
    monkeypatch.setattr(names.Questioner.__init__, "__kwdefaults__", {"questions": 100, "seconds": 0.1})
    monkeypatch.setattr(judging, "POLICY_SECONDS", 0.1)


def forged(body: bytes, *keys: tuple[str, str]) -> bytes:
    """Return a message from e.test with signatures that nobody made, but for a body that is as they say."""
    hasher = BodyHasher("relaxed")
    hasher.update(body)
    digest = base64.b64encode(hasher.digest()).decode()
    guess = base64.b64encode(hashlib.sha512(b"x").digest() * 4).decode()
    lines = "".join(
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; h=from; bh={digest}; b={guess}\r\n"
        for domain, selector in keys
    )
    return lines.encode() + matrix.message(body=body.decode())


async def test_a_record_of_spf_that_asks_for_too_much() -> None:
    hosts = [f"h{number}.flood.test" for number in range(10)]
    more = {f"m{number}.flood.test": {"MX": hosts} for number in range(10)}
    record = "v=spf1 " + " ".join(f"mx:{name}" for name in more) + " -all"
    zone = matrix.zone(**more, **{"flood.test": {"TXT": [record]}})
    findings = await matrix.examined(matrix.message(), sender="x@flood.test", names=zone)
    assert (matrix.results(findings)["dmarc"], findings.act) == ("fail", "reject")


async def test_name_servers_that_never_answer(hurried) -> None:
    octets = forged(b"hello\r\n", *[("slow.test", f"s{number}") for number in range(9)], ("e.test", "k"))
    findings = await matrix.examined(octets, sender="x@slow.test")
    assert matrix.results(findings)["spf"] == "temperror"
    signatures = [one.result for one in findings.authentication if one.method == "dkim"]
    assert signatures == ["temperror"] * 9 + ["fail"]
    assert (matrix.results(findings)["dmarc"], findings.act) == ("fail", "reject")


async def test_a_second_author_whose_name_server_never_answers(hurried) -> None:
    octets = b"From: <a@slow.test>, <a@e.test>\r\nSubject: x\r\n\r\nbody\r\n"
    findings = await matrix.examined(octets)
    assert findings.act == "reject"


async def test_more_authors_than_are_judged() -> None:
    authors = ", ".join([*(f"<a@n{number}.test>" for number in range(judging.MAX_AUTHORS)), "<a@e.test>"])
    findings = await matrix.examined(f"From: {authors}\r\nSubject: x\r\n\r\nbody\r\n".encode())
    assert findings.act == "reject"
    assert "From" in findings.public


@pytest.mark.parametrize(
    "field",
    [
        "Authentication-Results: mx.test; dmarc=pass",
        "authentication-RESULTS : MX.test.; dmarc=pass",
        "Authentication-Results:\r\n\t(a \\) comment)\r\n mx.test 1; dmarc=pass",
        'Authentication-Results: "mx\\.test"; dmarc=pass',
        "Authentication-Results: mx.test/1; dmarc=pass",
        "Authentication-Results: mx.test, x; dmarc=pass",
        "Authentication-Results: mx.test:25; dmarc=pass",
        "Authentication-Results: =?utf-8?q?mx.test?=; dmarc=pass",
        "Authentication-Results: (" + "x" * 2000 + ") mx.test; dmarc=pass",
        "Authentication-Results: mx.test\u00a0; dmarc=pass",
        "X-SmartMail-Country : KR",
        "x-smartmail-:\r\n KR",
    ],
)
async def test_what_only_we_may_say_is_cut(field) -> None:
    octets = f"X-A: b\r\n{field}\r\n".encode() + matrix.message()
    findings = await matrix.examined(octets)
    [(start, end)] = findings.cuts
    assert octets[start:end] == f"{field}\r\n".encode()


async def test_what_others_say_stays() -> None:
    lines = "Authentication-Results: mx.test.evil.example; spf=pass\r\nAuthentication-Results: amx.test; spf=pass\r\n"
    findings = await matrix.examined(lines.encode() + matrix.message())
    assert findings.cuts == []
