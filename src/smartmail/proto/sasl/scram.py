"""Server side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS.

NAME        scram
PURPOSE     Prove a secret without sending it, and prove to the client that we are its server.
STATES      client-first → KeysWanted → (keys) → server-first → client-final → Proved or Failed; then spent.
LIMITS      MESSAGE_OCTETS for each message of the client: names are at most 1,020 octets, nonces some dozens.
FAILURE     Failed(reason), never an exception. Which of nonce, binding and proof was wrong is not told to the peer.
SECURITY    Channel binding: a client that could bind and thinks that we cannot (flag y) was lied to where we offered
            -PLUS, and is refused (RFC 5802 §6). Of several secrets under one salt every one is tried.
STANDARDS   RFC 5802, RFC 7677 (SHA-256), RFC 5929 (tls-unique, tls-server-end-point), RFC 9266 (tls-exporter).
"""

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smartmail.formats import scram
from smartmail.formats.scram import ScramKeys
from smartmail.proto.sasl.outcome import Challenge, Failed, KeysWanted, Outcome, Proved
from smartmail.proto.sasl.prep import saslprep

MESSAGE_OCTETS: Final = 8192
_UNBOUND: Final[Mapping[str, bytes]] = MappingProxyType({})


class Scram:
    """One exchange. `nonce` is our part of it: printable ASCII without comma, unpredictable (RFC 5802 §5.1).

    `bindings` is what the connection can be named by, by kind; `plus` says that this is the -PLUS name, `plus_offered` that
    the peer was told of it.
    """

    def __init__(
        self, nonce: str, *, bindings: Mapping[str, bytes] = _UNBOUND, plus: bool = False, plus_offered: bool = False
    ) -> None:
        self.name = "SCRAM-SHA-256-PLUS" if plus else "SCRAM-SHA-256"
        self._nonce = nonce
        self._plus = plus
        self._plus_offered = plus_offered or plus
        self._bindings = bindings
        self._bound = b""
        self._header = ""
        self._first = ""
        self._server_first = ""
        self._names = ("", "")
        self._known: Mapping[int, ScramKeys] = {}
        self._spent = False

    def step(self, response: bytes | None) -> Outcome:
        if response is None:
            return Challenge(b"")
        message = _text(response)
        if message is None or self._spent:
            return self._fail("not a SCRAM message")
        if not self._first:
            return self._client_first(message)
        return self._client_final(message) if self._server_first else self._fail("out of turn")

    def keys(self, salt: bytes, iterations: int, known: Mapping[int, ScramKeys]) -> Challenge:
        """Go on with the name's salt and its secrets' keys by number; none for a name that cannot log in."""
        self._known = known
        # RFC 5802 §5.1: our nonce begins with the client's.
        self._nonce = _attributes(self._first)["r"] + self._nonce
        self._server_first = f"r={self._nonce},s={base64.b64encode(salt).decode()},i={iterations}"
        return Challenge(self._server_first.encode())

    def refuse(self) -> Outcome:
        return self._fail("refused")

    def _client_first(self, message: str) -> Outcome:
        """gs2-cbind-flag "," [authzid] "," [reserved-mext ","] username "," nonce ["," extensions] (§7)."""
        parts = message.split(",", 2)
        if len(parts) != 3 or not self._binding_fits(parts[0]):
            return self._fail("wrong channel binding")
        authzid = _name(parts[1].removeprefix("a=")) if parts[1].startswith("a=") else None if parts[1] else ""
        bare = _attributes(parts[2])
        # A mandatory extension that we do not know comes first and ends the exchange (RFC 5802 §5.1).
        if authzid is None or not parts[2].startswith("n=") or not bare.get("r"):
            return self._fail("malformed first message")
        authcid = _name(bare["n"])
        if not authcid:
            return self._fail("malformed name")
        self._header, self._first = f"{parts[0]},{parts[1]},", parts[2]
        self._names = ("" if authzid == authcid else authzid, authcid)
        return KeysWanted(*self._names)

    def _binding_fits(self, flag: str) -> bool:
        if self._plus:
            # RFC 5802 §6: the client chooses one of the kinds; one that we do not have ends the exchange.
            self._bound = self._bindings.get(flag.removeprefix("p="), b"")
            return flag.startswith("p=") and bool(self._bound)
        return flag == "n" or (flag == "y" and not self._plus_offered)

    def _client_final(self, message: str) -> Outcome:
        """channel-binding "," nonce ["," extensions] "," proof (§7)."""
        self._spent = True
        bare, found, proof_text = message.rpartition(",p=")
        proof = _octets(proof_text)
        fields = _attributes(bare)
        expected = self._header.encode() + self._bound
        if not found or proof is None or not bare.startswith("c=") or _octets(fields["c"]) != expected:
            return Failed("wrong channel binding or malformed message")
        if fields.get("r") != self._nonce:
            return Failed("wrong nonce")
        auth_message = f"{self._first},{self._server_first},{bare}".encode()
        # Every secret is tried, also after the right one: the time tells nothing about which.
        right = [number for number, keys in self._known.items() if scram.is_proof(keys, auth_message, proof)]
        if not right:
            return Failed("wrong proof")
        signature = scram.server_signature(self._known[right[0]], auth_message)
        return Proved(*self._names, right[0], b"v=" + base64.b64encode(signature))

    def _fail(self, reason: str) -> Failed:
        self._spent = True
        return Failed(reason)


def _text(message: bytes) -> str | None:
    if len(message) > MESSAGE_OCTETS or b"\0" in message:
        return None
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _attributes(text: str) -> dict[str, str]:
    """Return attributes by letter; the first of several counts."""
    found: dict[str, str] = {}
    for part in text.split(","):
        if part[1:2] == "=":
            found.setdefault(part[0], part[2:])
    return found


def _name(text: str) -> str | None:
    """Undo saslname's escapes (RFC 5802 §5.1: `=2C`, `=3D`, no other `=`) and prepare the name."""
    if text.count("=") != text.count("=2C") + text.count("=3D"):
        return None
    return saslprep(text.replace("=2C", ",").replace("=3D", "="))


def _octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
