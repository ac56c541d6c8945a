"""What a login can be bound to: the octets that both ends of a TLS connection know."""

import ssl

import pytest
from tests.flows.secured import make_pair

from smartmail.app.tls.certificates import CertificateFiles, server_context
from smartmail.edge.net import exporter
from smartmail.edge.net.tls import end_point_of


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("tls"), "server")


def handshake(pair, version=ssl.TLSVersion.TLSv1_3):
    """Return (client, server) objects of a finished handshake in memory."""
    server = server_context(CertificateFiles("", str(pair.file), str(pair.key_file)))
    client = ssl.create_default_context(cafile=str(pair.file))
    client.maximum_version = version
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(back, there, server_hostname="localhost"), server.wrap_bio(there, back, server_side=True)
    waiting = list(ends)
    while waiting:
        for end in tuple(waiting):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(end)
    return ends


def test_both_ends_of_a_connection_export_the_same_and_of_two_connections_never(pair):
    ours, theirs = handshake(pair), handshake(pair)
    octets = [exporter.tls_exporter(end) for end in (*ours, *theirs)]
    assert [len(one) for one in octets] == [32, 32, 32, 32]
    assert octets[0] == octets[1] != octets[2] == octets[3]


def test_before_tls_1_3_nothing_is_exported(pair):
    client, server = handshake(pair, ssl.TLSVersion.TLSv1_2)
    assert exporter.tls_exporter(server) == b""
    assert client.get_channel_binding() == server.get_channel_binding() != b""


def test_an_object_of_another_layout_is_left_alone(pair):
    class Other:
        context = None

        def __init__(self, inner):
            self._sslobj = inner

        def version(self):
            return "TLSv1.3"

    client, server = handshake(pair)
    # Its neighbour is not the context that the object tells: no address is taken out of it.
    for inner in (None, object(), server._sslobj):
        assert exporter.tls_exporter(Other(inner)) == b""
    assert exporter.tls_exporter(server) == exporter.tls_exporter(client)


def test_the_end_point_is_the_hash_of_the_leaf(pair):
    assert len(end_point_of(pair.file.read_bytes())) == 32
