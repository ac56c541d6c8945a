"""What a step of a mechanism can come to. Plain values; no protocol's wording."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Challenge:
    """Octets for the peer, before base64."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the peer claims: still to be verified. `authzid` is empty when it equals `authcid`.

    The password never appears in `repr`, so that no log line can hold it.
    """

    authzid: str
    authcid: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token (RFC 6750): still to be verified. `authzid` is whose mail is asked for, "" for the token's own.

    Who finds the token bad answers with `Mechanism.refuse()`: the client is owed one more message.
    """

    authzid: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The peer wants to be who its TLS certificate says; `authzid` may name the account."""

    authzid: str


@dataclass(frozen=True, slots=True)
class KeysWanted:
    """SCRAM cannot go on without the keys of `authcid`: hand them to `Mechanism.keys`, for an unknown name made-up
    ones, so that nobody learns which names there are.
    """

    authzid: str
    authcid: str


@dataclass(frozen=True, slots=True)
class Proved:
    """The peer has shown to have the secret with this number. `final` goes to it once it is let in, as a challenge
    that it answers with nothing (RFC 5802 §5: only then does the client know that we have its keys).
    """

    authzid: str
    authcid: str
    number: int
    final: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """The exchange is not what the mechanism demands; `reason` holds nothing that the peer sent."""

    reason: str


Outcome = Challenge | Credentials | Token | Certificate | KeysWanted | Proved | Failed
