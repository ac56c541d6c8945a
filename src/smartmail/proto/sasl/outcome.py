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
class Failed:
    """The exchange is not what the mechanism demands; `reason` holds nothing that the peer sent."""

    reason: str


Outcome = Challenge | Credentials | Failed
