"""Messages made to crash or hang a parser are taken or refused within two seconds at the SMTP door, memory bounded."""

import asyncio
import io
import resource
import zipfile

import pytest
from tests.flows.attackers import Peer, doors, send
from tests.flows.house import open_house

BOUND_S = 2.0
BOUND_KIB = 300 * 1024
HEAD = b"From: a@outside.test\r\nTo: kim@a.test\r\nSubject: %b\r\nMIME-Version: 1.0\r\n"


def nests(depth: int) -> bytes:
    """Multiparts in multiparts."""
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number) for number in range(depth)
    )
    return (
        HEAD % b"nests"
        + head
        + b"Content-Type: text/plain\r\n\r\nend\r\n"
        + b"".join(b"--b%d--\r\n" % number for number in reversed(range(depth)))
    )


def messages_in_messages(depth: int) -> bytes:
    return HEAD % b"messages" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: core\r\n\r\nend\r\n"


def header(octets: int) -> bytes:
    line = b"X-Filler: " + b"a" * 900 + b"\r\n"
    return HEAD % b"header" + line * (octets // len(line)) + b"\r\nend\r\n"


def one_field(octets: int) -> bytes:
    """One field folded over as many lines."""
    return HEAD % b"field" + b"X-Long: a\r\n" + (b" " + b"b" * 900 + b"\r\n") * (octets // 903) + b"\r\nend\r\n"


def recipients(count: int) -> bytes:
    """One To field, and a line within what SMTP allows for each hundred addresses."""
    lines = b",\r\n ".join(
        b", ".join(b"u%d@x.test" % number for number in range(start, start + 50)) for start in range(0, count, 50)
    )
    return HEAD.replace(b"To: kim@a.test", b"To: " + lines) % b"many" + b"\r\nend\r\n"


def packed(ratio: int) -> bytes:
    """A zip of ten megabytes of nothing, some of them in one another."""
    import base64

    content = bytes(10 << 20)
    for _ in range(2):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(8):
                archive.writestr(f"{number}.bin", content)
        content = file.getvalue()
    assert (80 << 20) / len(content) > ratio
    return (
        HEAD % b"zip"
        + b'Content-Type: application/zip; name="a.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(content).replace(b"\n", b"\r\n")
    )


def subject(text: bytes) -> bytes:
    return HEAD % text + b"\r\nend\r\n"


def parameters(count: int) -> bytes:
    fields = b";\r\n ".join(b"p*%d*=%%41" % number for number in range(count))
    return HEAD % b"parameters" + b"Content-Type: text/plain;\r\n " + fields + b"\r\n\r\nend\r\n"


def html(depth: int) -> bytes:
    return (
        HEAD % b"html"
        + b"Content-Type: text/html\r\n\r\n"
        + b"<div>\r\n" * depth
        + b"<a href='"
        + b"&#x" * 1000
        + b"\r\n"
    )


BOMBS = {
    "nests": nests(10_000),
    "messages": messages_in_messages(10_000),
    "header": header(10 << 20),
    "field": one_field(10 << 20),
    "recipients": recipients(100_000),
    "zip": packed(1000),
    # What catastrophic patterns choke on: many optional blanks, brackets, quantifiers, encoded words without an end.
    "blanks": subject((b"a" + b" " * 900 + b"\r\n ") * 200 + b"!"),
    "words": subject((b"=?utf-8?q?" + b"=41" * 280 + b"\r\n ") * 200),
    "brackets": subject(b"(" * 900 + b"\r\n " + b"[" * 900 + b"\r\n " + b"Re: " * 220),
    "addresses": HEAD.replace(b"a@outside.test", b"\r\n ".join([b"(" * 800 + b"<" * 100] * 100)) % b"x" + b"\r\nend\r\n",
    "parameters": parameters(20_000),
    "html": html(20_000),
    "boundaries": HEAD % b"b" + b"Content-Type: multipart/mixed; boundary=-\r\n\r\n" + b"--\r\n---\r\n" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_harmless(tmp_path, name):
    async with open_house(tmp_path, domains=("a.test",)) as house:
        await house.person("kim@a.test")
        async with doors(house) as ports:
            plain = b"From: a@outside.test\r\nSubject: warm\r\n\r\nwarm\r\n"
            assert (await send("203.0.113.9", ports["smtp"], "a@outside.test", "kim@a.test", plain)).startswith("250")
            before, used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, _cpu()
            reply = await send("203.0.113.9", ports["smtp"], "a@outside.test", "kim@a.test", BOMBS[name])
            assert reply[:3] in {"250", "550", "552", "554"}
            # CPU of this process: what others do on this machine shall not fail it. The client's part is in it.
            assert _cpu() - used <= BOUND_S
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before <= BOUND_KIB
            # And mail goes on.
            assert (await send("203.0.113.9", ports["smtp"], "a@outside.test", "kim@a.test", plain)).startswith("250")


async def test_a_line_that_never_ends_is_cut(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as house, doors(house) as ports:
        peer = await Peer.from_("203.0.113.9", ports["smtp"])
        await peer.reply()
        peer.send(b"EHLO " + b"x" * (1 << 20))
        async with asyncio.timeout(60):
            assert b"421 4.7.0 Line without an end" in await peer.rest()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
