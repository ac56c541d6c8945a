"""The one way out to the web of others, against a small TLS server of our own."""

import asyncio
import contextlib
import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from smartmail.adapters.http.client import OutgoingClient
from smartmail.formats.open_internet import is_public
from smartmail.ports.http import HttpFailed, NoHttp


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False), ("192.168.0.1", False),
        ("172.16.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False), ("ff02::1", False), ("::7f00:1", False), ("fec0::1", False), ("::ffff:0:7f00:1", False), ("nonsense", False), ("", False),
    ],
)  # fmt: skip
def test_addresses_that_may_be_asked(address, public):
    assert is_public(address) is public


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return str(path)


@contextlib.asynccontextmanager
async def answering(certificate, answer):
    heard = []

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()


@pytest.fixture
async def client(certificate):
    made = OutgoingClient(tls=ssl.create_default_context(cafile=certificate), allow_private=True)
    yield made
    await made.close()


def http(status, body=b"", **headers):
    fields = {"content-length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


async def test_a_request_and_its_answer(certificate, client):
    async with answering(certificate, http(201, b"made", Retry_After="7")) as (port, heard):
        answer = await client.request("POST", f"https://localhost:{port}/a?b", headers={"x-own": "1"}, body=b"hello")
        assert (answer.status, answer.body, answer.headers["retry-after"]) == (201, b"made", "7")
        assert heard[0].startswith(b"POST /a?b HTTP/1.1\r\n") and b"x-own: 1" in heard[0]


async def test_no_redirect_is_followed(certificate, client):
    async with answering(certificate, http(302, location="https://localhost:1/")) as (port, _):
        assert (await client.request("GET", f"https://localhost:{port}/")).status == 302


@pytest.mark.parametrize(
    "url",
    ["http://localhost/", "ftp://localhost/", "https:///", "https://[", "https://localhost:x/", "https://a b/", ""],
)
async def test_addresses_that_are_none(client, url):
    with pytest.raises(HttpFailed):
        await client.request("GET", url)


async def test_too_much_and_too_slow(certificate, client):
    async with answering(certificate, http(200, b"x" * 100)) as (port, _):
        with pytest.raises(HttpFailed, match="more than 99 octets"):
            await client.request("GET", f"https://localhost:{port}/", max_octets=99)
    async with answering(certificate, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n") as (port, _):
        with pytest.raises(HttpFailed):
            await client.request("GET", f"https://localhost:{port}/", seconds=0.2)


async def test_our_own_network_is_not_asked(certificate):
    async with answering(certificate, http(200)) as (port, heard):
        client = OutgoingClient(tls=ssl.create_default_context(cafile=certificate))
        for host in ("localhost", "127.0.0.1", "[::1]"):
            with pytest.raises(HttpFailed):
                await client.request("GET", f"https://{host}:{port}/")
        await client.close()
        assert not heard


@pytest.mark.parametrize(
    ("found", "networks", "fine"),
    [
        (["127.0.0.1"], ["127.0.0.0/8"], True), (["127.0.0.1"], ["10.0.0.0/8"], False), (["127.0.0.1"], [], False),
        (["127.0.0.1", "10.0.0.1"], ["127.0.0.0/8"], False), ([], ["127.0.0.0/8"], False), (["nonsense"], ["127.0.0.0/8"], False),
    ],
)  # fmt: skip
async def test_networks_of_our_own_and_names_of_our_own_resolver(certificate, found, networks, fine):
    asked = []

    async def lookup(host):
        asked.append(host)
        return found

    async with answering(certificate, http(200)) as (port, _):
        client = OutgoingClient(networks=networks, authorities=certificate, lookup=lookup)
        if fine:
            assert (await client.request("GET", f"https://localhost:{port}/")).status == 200
            # An address is looked up nowhere, and checked all the same.
            assert (await client.request("GET", f"https://127.0.0.1:{port}/")).status == 200
        else:
            with pytest.raises(HttpFailed):
                await client.request("GET", f"https://localhost:{port}/")
        await client.close()
    assert asked == ["localhost"]


async def test_a_resolver_that_fails_is_a_failure(certificate):
    async def lookup(_host):
        raise RuntimeError("no answer")

    client = OutgoingClient(networks=["127.0.0.0/8"], lookup=lookup)
    with pytest.raises(HttpFailed, match="no answer"):
        await client.request("GET", "https://localhost/")
    await client.close()


async def test_a_foreign_certificate_is_refused(certificate):
    async with answering(certificate, http(200)) as (port, heard):
        client = OutgoingClient(allow_private=True)
        with pytest.raises(HttpFailed):
            await client.request("GET", f"https://localhost:{port}/")
        await client.close()
        assert not heard


async def test_without_a_way_out():
    with pytest.raises(HttpFailed):
        await NoHttp().request("GET", "https://a.example/")
