"""STARTTLS against servers that cheat: what came in clear is never taken for what came through TLS."""

import asyncio
import contextlib
import ssl

import pytest
from tests.lab.authority import Authority

from smartmail.domain.transport import HostTerms
from smartmail.edge.relay.connection import ConnectFailed, Connection, Terms, TlsFailed
from smartmail.proto.smtp.client_events import ClientConfig

HELLO = b"250-mx\r\n250 STARTTLS\r\n"
EVIL = b"250-mx\r\n250-REQUIRETLS\r\n250 SIZE 1\r\n"
DEMAND = HostTerms(demand=True, server_name="mx.a.test")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def context(authority, tmp_path_factory) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(authority.issue("mx.a.test").write(tmp_path_factory.mktemp("tls") / "mx.pem"))
    return made


@contextlib.asynccontextmanager
async def serving(talk):
    """Serve a dialog; whatever its end is, it is the client's view that counts."""

    async def serve(reader, writer):
        with contextlib.suppress(ssl.SSLError, OSError, asyncio.IncompleteReadError):
            writer.write(b"220 mx\r\n")
            await reader.readline()
            writer.write(HELLO)
            await reader.readline()
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def opened(port, security):
    return await Connection.open(Terms(ClientConfig("us.test"), security=security), "mx.a.test", "127.0.0.1", port)


async def fair(reader, writer, context):
    writer.write(b"220 go\r\n")
    await writer.drain()
    await writer.start_tls(context)
    await reader.readline()
    writer.write(b"250-mx\r\n250 SIZE 9\r\n")
    await reader.readline()


async def test_a_fair_server(context):
    async with serving(lambda reader, writer: fair(reader, writer, context)) as port:
        connection = await opened(port, DEMAND)
        assert connection.tls and connection.use.version == "TLSv1.3" and connection.use.cipher.startswith("TLS_")
        assert connection.use.verified == "none"
        connection.abort()


@pytest.mark.parametrize("apart", [False, True])
async def test_words_behind_the_go_ahead_end_it(context, apart):
    async def cheat(_reader, writer):
        if apart:
            writer.write(b"220 go\r\n")
            await writer.drain()
            writer.write(EVIL)
        else:
            writer.write(b"220 go\r\n" + EVIL)
        await writer.drain()
        await writer.start_tls(context)

    for _ in range(10):
        async with serving(cheat) as port:
            with pytest.raises(ConnectFailed):
                await opened(port, DEMAND)


async def test_words_that_wait_in_the_reader_end_it(context, monkeypatch):
    """Between the go-ahead and the handshake lies a moment in which words may have come in unseen."""
    genuine = asyncio.StreamWriter.start_tls

    async def late(writer, *arguments, **options):
        await genuine(writer, *arguments, **options)
        if options.get("server_hostname"):
            writer._protocol._stream_reader.feed_data(EVIL)

    monkeypatch.setattr(asyncio.StreamWriter, "start_tls", late)
    async with serving(lambda reader, writer: fair(reader, writer, context)) as port:
        with pytest.raises(TlsFailed) as failed:
            await opened(port, DEMAND)
    assert failed.value.result == "validation-failure"


@pytest.mark.parametrize(
    "reply", [b"454 4.7.0 not now\r\n", b"500 what\r\n", b"220 go\r\n\x15\x03\x01\x00\x02\x02\x28", b""]
)
async def test_tls_that_does_not_come_about(reply):
    async def refuse(reader, writer):
        writer.write(reply)
        await writer.drain()
        if reply:  # else it hangs up
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(reader.readline(), 60)

    async with serving(refuse) as port:
        with pytest.raises(ConnectFailed):
            await opened(port, DEMAND)


@pytest.mark.parametrize(
    ("names", "trusted", "result"),
    [
        (("mx.a.test",), True, ""), (("mx.b.test",), True, "certificate-host-mismatch"),
        (("mx.a.test",), False, "certificate-not-trusted"),
    ],
)  # fmt: skip
async def test_certificates(authority, context, names, trusted, result):
    terms = HostTerms(
        "sts", demand=True, names=names, server_name="mx.a.test", authorities=authority.pem if trusted else ""
    )
    async with serving(lambda reader, writer: fair(reader, writer, context)) as port:
        if result:
            with pytest.raises(TlsFailed) as failed:
                await opened(port, terms)
            assert failed.value.result == result
        else:
            connection = await opened(port, terms)
            assert connection.use.verified == "sts"
            connection.abort()


async def test_requiretls_must_be_offered_inside_tls(context):
    """HELLO in clear is forgotten: what counts is what is said after the handshake (RFC 3207 §4.2)."""
    async with serving(lambda reader, writer: fair(reader, writer, context)) as port:
        with pytest.raises(TlsFailed, match="REQUIRETLS"):
            await opened(port, HostTerms("requiretls", demand=True, extension=True, server_name="mx.a.test"))
