"""Chunk-invariance: how the network cuts a dialog into packets makes no difference to either engine."""

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.smtp import client_events as ce
from smartmail.proto.smtp import events as ev
from smartmail.proto.smtp.client import ClientEngine, ClientState
from smartmail.proto.smtp.config import Limits, ServerConfig
from smartmail.proto.smtp.path import Path
from smartmail.proto.smtp.server import ServerEngine

BODIES = st.text("ab.\r\n", max_size=30) | st.lists(st.text(".ab", max_size=5), max_size=8).map("\r\n".join)
SMALL = st.sampled_from(
    [
        b"NOOP\r\n",
        b"RSET\r\n",
        b"BOGUS\r\n",
        b"NO\nOP\r\n",
        b"NOOP " + b"x" * 90 + b"\r\n",
        b"VRFY a\r\n",
        b"MAIL FROM:<>\r\n",
    ]
)


@st.composite
def groups(draw):
    """A client's groups: each is sent without waiting inside, as RFC 2920 allows."""
    found = [b"EHLO a.example\r\n"]
    for _ in range(draw(st.integers(1, 3))):
        behind = b"".join(draw(st.lists(SMALL, max_size=3)))
        body = draw(BODIES).encode()
        start = b"MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n"
        if draw(st.booleans()):
            found += [b"RSET\r\n" + start + b"DATA\r\n", body + b"\r\n.\r\n" + behind]
        else:
            cut = draw(st.integers(0, len(body)))
            found.append(
                b"RSET\r\n"
                + start
                + b"BDAT %d\r\n%bBDAT %d LAST\r\n%b" % (cut, body[:cut], len(body) - cut, body[cut:])
                + behind
            )
    return found


def cut(draw_cuts, data):
    cuts = sorted({min(c, len(data)) for c in draw_cuts} | {0, len(data)})
    return [data[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]


def serve(parts_of_groups):
    engine = ServerEngine(ServerConfig("mx.example.com", size=25, limits=Limits(command_line=80, errors=6)))
    told, wire = [], b""

    def pump():
        nonlocal wire
        while (event := engine.next_event()) is not None:
            told.append(event)
            if isinstance(event, ev.ASKS):
                engine.accept()
        wire += engine.data_to_send()

    pump()
    for parts in parts_of_groups:
        for part in parts:
            engine.receive_data(part)
            pump()
    return normal(told), wire, engine.state


def normal(told):
    """Chunks of one message joined; those of a refused message left out, for they are thrown away."""
    merged = []
    for event in told:
        if isinstance(event, ev.Chunk) and merged and isinstance(merged[-1], ev.Chunk):
            merged[-1] = ev.Chunk(merged[-1].data + event.data)
        elif isinstance(event, ev.DataRejected):
            if isinstance(merged[-1], ev.Chunk):
                merged.pop()
            merged.append(event)
        else:
            merged.append(event)
    return [event if not isinstance(event, ev.DataRejected) else ev.DataRejected for event in merged]


def blur(wire):
    """A message that is both too large and unclean may be refused for either."""
    return wire.replace(
        b"554 5.6.0 Message holds a bare CR or LF; lines end with CRLF only", b"552 5.3.4 Message too large"
    )


@given(groups(), st.data())
@settings(max_examples=150, deadline=None)
def test_server_events_do_not_depend_on_packets(found, data):
    whole = serve([[group] for group in found])
    cuts = [data.draw(st.lists(st.integers(0, len(group)), max_size=12)) for group in found]
    split = serve([cut(c, group) for c, group in zip(cuts, found, strict=True)])
    single = serve([[group[i : i + 1] for i in range(len(group))] for group in found])
    for other in (split, single):
        assert other[0] == whole[0]
        assert blur(other[1]) == blur(whole[1])
        assert other[2] == whole[2]


REPLIES = st.sampled_from(
    [
        b"250 ok\r\n",
        b"550-5.1.1 a\r\n550 5.1.1 b\r\n",
        b"450 4.2.0 later\r\n",
        b"354 go\r\n",
        b"421 bye\r\n",
        b"garbage\r\n",
        b"250\n",
    ]
)


def relay(parts):
    engine = ClientEngine(ce.ClientConfig("us.example"))
    told, wire = [], b""

    def pump():
        nonlocal wire
        while (event := engine.next_event()) is not None:
            told.append(event)
            if isinstance(event, ce.Ready):
                recipients = tuple(ce.Recipient(Path(name, "b.example")) for name in "xyz")
                engine.send_message(ce.Envelope(Path("a", "a.example"), recipients))
            elif isinstance(event, ce.DataWanted):
                engine.send_data(b".body\r\n")
                engine.end_data()
        wire += engine.data_to_send()

    for part in parts:
        engine.receive_data(part)
        pump()
    if engine.state is not ClientState.READY:
        engine.connection_lost()
    pump()
    return told, wire


@given(st.booleans(), st.lists(REPLIES, max_size=8), st.lists(st.integers(0, 250), max_size=15))
@settings(max_examples=150, deadline=None)
def test_client_events_do_not_depend_on_packets(pipelining, answers, cuts):
    hello = b"250-peer\r\n250 PIPELINING\r\n" if pipelining else b"250 peer\r\n"
    stream = b"220 peer\r\n" + hello + b"".join(answers)
    whole = relay([stream])
    assert relay(cut(cuts, stream)) == whole
    assert relay([stream[i : i + 1] for i in range(len(stream))]) == whole
    done = [event for event in whole[0] if isinstance(event, ce.Done)]
    assert len(done) == 1
    assert len(done[0].results) == 3


@given(
    st.lists(st.text(".ab한", max_size=8), max_size=10),
    st.sampled_from(["smtp", "lmtp"]),
    st.booleans(),
    st.integers(1, 40),
)
@settings(max_examples=150, deadline=None)
def test_both_engines_understand_each_other(lines, protocol, pipelining, step):
    """What goes in at the client comes out at the server, octet for octet."""
    content = "".join(f"{line}\r\n" for line in lines).encode()
    server = ServerEngine(ServerConfig("mx.example.com", protocol))
    client = ClientEngine(ce.ClientConfig("us.example", protocol, pipelining))
    received, results = b"", []
    for _ in range(400):
        while (event := server.next_event()) is not None:
            if isinstance(event, ev.Chunk):
                received += event.data
            elif isinstance(event, ev.ASKS):
                server.accept()
        client.receive_data(server.data_to_send())
        while (told := client.next_event()) is not None:
            if isinstance(told, ce.Ready):
                two = tuple(ce.Recipient(Path(name, "b.example")) for name in ("x y", "홍"))
                client.send_message(ce.Envelope(Path("", ""), two, eightbit=True))
            elif isinstance(told, ce.DataWanted):
                for start in range(0, len(content), step):
                    client.send_data(content[start : start + step])
                client.end_data()
            elif isinstance(told, ce.Done):
                results.append(told)
                client.quit()
        server.receive_data(client.data_to_send())
        if client.closed:
            break
    assert received == content
    assert [result.delivered for result in results[0].results] == [True, True]
