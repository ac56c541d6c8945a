"""SCRAM-SHA-256 as a server: RFC 7677's exchange, channel binding, what must fail."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.proto_sasl.scram_client import ScramClient

from smartmail.formats import scram
from smartmail.proto.sasl import Challenge, Failed, KeysWanted, Proved, Scram, Wire, server_mechanism

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
KEYS = scram.derive("pencil", SALT)
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
END_POINT = b"\x07" * 32
BINDINGS = {"tls-server-end-point": END_POINT, "tls-exporter": b"\x08" * 32}


def exchange(server, client, keys=KEYS, tamper=None):
    wanted = server.step(client.first())
    if not isinstance(wanted, KeysWanted):
        return wanted
    challenge = server.keys(SALT, 4096, {7: keys})
    return server.step(client.final(challenge.data, tamper=tamper))


def test_rfc_7677_exchange():
    server = server_mechanism("scram-sha-256", Wire(NONCE))
    assert server.step(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO") == KeysWanted("", "user")
    assert server.keys(SALT, 4096, {7: KEYS}) == Challenge(
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    outcome = server.step(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    assert outcome == Proved("", "user", 7, b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


def test_without_initial_response_the_server_asks_for_one():
    assert Scram(NONCE).step(None) == Challenge(b"")


def test_the_client_trusts_us():
    client = ScramClient("kim@a.example", "pencil")
    outcome = exchange(Scram(NONCE), client)
    assert isinstance(outcome, Proved)
    assert client.trusts(outcome.final)


def test_of_several_secrets_the_right_one_is_named():
    server, client = Scram(NONCE), ScramClient("user", "pencil")
    server.step(client.first())
    others = {3: scram.derive("paper", SALT), 7: KEYS, 9: scram.derive("ruler", SALT)}
    outcome = server.step(client.final(server.keys(SALT, 4096, others).data))
    assert outcome.number == 7


def test_plus_binds_to_the_certificate():
    def server():
        return server_mechanism("SCRAM-SHA-256-PLUS", Wire(NONCE, BINDINGS))

    assert isinstance(exchange(server(), ScramClient("user", "pencil", binding=END_POINT)), Proved)
    assert isinstance(exchange(server(), ScramClient("user", "pencil", binding=b"\x08" * 32)), Failed)
    assert isinstance(exchange(server(), ScramClient("user", "pencil")), Failed)
    unknown = ScramClient("user", "pencil", binding=END_POINT, flag="p=tls-unique")
    assert isinstance(exchange(server(), unknown), Failed)


def test_plus_without_a_certificate_fails():
    assert isinstance(exchange(Scram(NONCE, plus=True), ScramClient("user", "pencil", binding=b"")), Failed)


@pytest.mark.parametrize(("offered", "passes"), [(True, False), (False, True)])
def test_a_client_that_was_lied_to_about_plus_is_refused(offered, passes):
    server = Scram(NONCE, bindings=BINDINGS, plus_offered=offered)
    outcome = exchange(server, ScramClient("user", "pencil", flag="y"))
    assert isinstance(outcome, Proved) is passes


def test_binding_needs_the_plus_name():
    assert isinstance(exchange(Scram(NONCE), ScramClient("user", "pencil", binding=END_POINT)), Failed)


def test_names_are_unescaped_and_prepared():
    server = Scram(NONCE)
    assert server.step(b"n,a=bo=2Css,n=a=3Db=2Cc,r=x") == KeysWanted("bo,ss", "a=b,c")
    assert Scram(NONCE).step("n,,n=I\u00adX,r=x".encode()) == KeysWanted("", "IX")
    assert Scram(NONCE).step(b"n,a=kim,n=kim,r=x") == KeysWanted("", "kim")


@pytest.mark.parametrize(
    "message",
    [
        b"", b"n", b"n,,", b"n,,n=user", b"n,,n=,r=x", b"n,,n=a=zz,r=x", b"x,,n=user,r=x", b"n,user,n=user,r=x",
        b"n,,m=ext,n=user,r=x", b"n,,r=x,n=user", b"n,,n=user,r=", b"n,,n=\xff,r=x", b"n,,n=a\0b,r=x",
        b"n,,n=\x07,r=x", b"n,,n=" + b"u" * 9000 + b",r=x",
    ],
)  # fmt: skip
def test_malformed_first_messages_fail(message):
    server = Scram(NONCE)
    assert isinstance(server.step(message), Failed)
    assert isinstance(server.step(b"n,,n=user,r=x"), Failed), "a failed exchange stays failed"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda text: text.replace("c=biws", "c=eSws"),
        lambda text: text.replace("c=biws,", ""),
        lambda text: text.replace("c=biws", "c=!"),
        lambda text: text + "x",
        lambda text: text.replace(",r=", ",r=y"),
        lambda text: text.partition(",r=")[0],
    ],
)
def test_tampered_final_messages_fail(tamper):
    assert isinstance(exchange(Scram(NONCE), ScramClient("user", "pencil"), tamper=tamper), Failed)


def test_wrong_secret_no_keys_and_replay_fail():
    assert isinstance(exchange(Scram(NONCE), ScramClient("user", "pencil2")), Failed)
    server, client = Scram(NONCE), ScramClient("user", "pencil")
    server.step(client.first())
    message = client.final(server.keys(SALT, 4096, {}).data)
    assert isinstance(server.step(message), Failed)
    server, client = Scram(NONCE), ScramClient("user", "pencil")
    server.step(client.first())
    message = client.final(server.keys(SALT, 4096, {7: KEYS}).data)
    assert isinstance(server.step(message), Proved)
    assert isinstance(server.step(message), Failed)


def test_a_response_before_the_keys_fails():
    server = Scram(NONCE)
    server.step(b"n,,n=user,r=x")
    assert isinstance(server.step(b"c=biws,r=x,p=AAAA"), Failed)


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=3), st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_response_raises(responses, plus):
    server = Scram(NONCE, plus=plus, bindings=BINDINGS)
    for response in responses:
        if isinstance(server.step(response), KeysWanted):
            server.keys(SALT, 4096, {7: KEYS})


def test_verifiers_keep_their_form():
    verifier = scram.ScramVerifier(SALT, 4096, KEYS)
    assert scram.from_text(verifier.to_text()) == verifier
    good = verifier.to_text()
    for bad in (
        "",
        "x",
        good[:-4],
        good.replace("4096", "x"),
        good.replace("4096", "0"),
        "$argon2id$v=19$x$y$z",
        good + "$",
    ):
        assert scram.from_text(bad) is None, bad
    assert "SCRAM" not in repr(KEYS) and base64.b64encode(KEYS.stored_key).decode() not in repr(verifier)
