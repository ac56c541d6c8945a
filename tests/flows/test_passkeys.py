"""Passkeys over composed services with an authenticator in software, and what attackers send (WebAuthn Level 2)."""

import hashlib
import json
import struct
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cbor import encode
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from tests.flows.factor_house import open_factor_house, page
from tests.flows.house import PASSWORD

from smartmail.domain.errors import AuthFailed, RateLimited
from smartmail.service.identity.factors.service import SignedIn, Waiting

BASE = "https://mail.a.example"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


@dataclass
class Authenticator:
    """One key for one site."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identifier: bytes = b"k" * 32
    counter: int = 0
    verified: bool = True
    base: str = BASE
    host: str = "mail.a.example"

    def make(self, options: dict) -> dict:
        cose = encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        credential = bytes(16) + struct.pack(">H", len(self.identifier)) + self.identifier + cose
        data = encode({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + credential})
        client = self._client("webauthn.create", options["publicKey"]["challenge"])
        return self._shown({"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(data)})

    def use(self, options: dict, **more: str) -> dict:
        self.counter += 1
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._shown(
            {
                "clientDataJSON": websafe_encode(client), "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature), **more,
            }
        )  # fmt: skip

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.base}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counter)

    def _shown(self, response: dict) -> dict:
        name = websafe_encode(self.identifier)
        return {
            "id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response,
        }  # fmt: skip


@pytest.fixture
async def it(tmp_path):
    async with open_factor_house(tmp_path / "house") as opened:
        yield opened


async def enrolled(it) -> Authenticator:
    actor = await it.actor(await it.sign_in())
    mine = Authenticator()
    token, shown = await it.services.enrolment.begin(actor, "passkey", PASSWORD, page())
    await it.services.enrolment.finish(actor, token, "passkey", "", mine.make(shown), page())
    return mine


async def asked(it) -> tuple[str, dict]:
    waiting = await it.sign_in()
    assert isinstance(waiting, Waiting) and waiting.kinds[0] == "passkey"
    return waiting.token, await it.services.factors.ask(waiting.token, "passkey", page())


async def test_a_passkey_is_a_second_factor(it):
    mine = await enrolled(it)
    token, shown = await asked(it)
    assert [websafe_decode(one["id"]) for one in shown["publicKey"]["allowCredentials"]] == [mine.identifier]
    signed = await it.services.factors.answer(token, "passkey", mine.use(shown), page())
    assert isinstance(signed, SignedIn) and signed.owes == ()


async def test_a_passkey_is_a_whole_login_when_its_holder_was_verified(it):
    mine = await enrolled(it)
    shown = await it.services.factors.ask("", "passkey", page())
    signed = await it.services.factors.answer(shown["challenge"], "passkey", mine.use(shown), page())
    assert (await it.actor(signed)).account_id == it.kim.id
    mine.verified = False
    shown = await it.services.factors.ask("", "passkey", page())
    with pytest.raises(AuthFailed):
        await it.services.factors.answer(shown["challenge"], "passkey", mine.use(shown), page())


async def test_strangers_do_not_fill_the_store_with_questions(it):
    ask = it.services.factors.ask
    with pytest.raises(RateLimited):
        for _ in range(200):
            await ask("", "passkey", page("203.0.113.9"))
    with pytest.raises(RateLimited):
        await ask("", "passkey", page("203.0.113.77"))  # the same network
    await ask("", "passkey", page("198.51.100.9"))
    it.time.on(5 * 60_000)
    await ask("", "passkey", page("203.0.113.9"))


@pytest.mark.parametrize(
    "lie",
    ["origin", "host", "key", "challenge", "stranger", "signature", "replay", "unasked", "rubbish"],
)  # fmt: skip
async def test_lies_are_refused(it, lie):
    mine = await enrolled(it)
    token, shown = await asked(it)
    if lie == "replay":
        first = mine.use(shown)
        await it.services.factors.answer(token, "passkey", first, page())
        token, shown = await asked(it)
        answer = first
    elif lie == "unasked":
        answer = mine.use(shown)
        token = (await it.sign_in()).token
    else:
        answer = lied(mine, lie, shown)
    with pytest.raises(AuthFailed):
        await it.services.factors.answer(token, "passkey", answer, page())
    assert "ok" not in (await it.results())[-1:]


def lied(mine: Authenticator, lie: str, shown: dict) -> dict:
    if lie == "origin":
        mine.base = "https://mail.b.example"
    if lie == "host":
        mine.host = "mail.b.example"
    if lie == "key":
        mine.key = ec.generate_private_key(ec.SECP256R1())
    if lie == "challenge":
        shown = {"publicKey": {"challenge": websafe_encode(bytes(32))}}
    if lie == "stranger":
        mine.identifier = b"x" * 32
    if lie == "rubbish":
        return {"rawId": 5, "response": ["x"]}
    return mine.use(shown, **({"signature": websafe_encode(bytes(70))} if lie == "signature" else {}))


async def test_a_counter_that_does_not_rise_is_a_copied_key(it):
    mine = await enrolled(it)
    mine.counter = 7
    token, shown = await asked(it)
    await it.services.factors.answer(token, "passkey", mine.use(shown), page())
    for stale in (7, 6):
        mine.counter = stale
        token, shown = await asked(it)
        with pytest.raises(AuthFailed) as refused:
            await it.services.factors.answer(token, "passkey", mine.use(shown), page())
        assert refused.value.reason == "replayed"
