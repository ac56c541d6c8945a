"""Logos of other domains that are shown beside proved mail (BIMI)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrandLogo:
    """What is known of a domain's logo until `expires_at` (milliseconds). Without `svg` there is none, and `reason` says why.

    `source`: SHA-256 of where it lies; `picture`: of the logo; `root`: of the certificate of the authority at which its
    proof ends. `kind`: "verified" or "common", as the certificate calls the mark. `looked_at`: when it was last fetched;
    `standing`: what was said of its certificate then: good, unknown (who knows could not be asked), none (nobody to ask).
    """

    domain: str
    source: bytes
    expires_at: int
    picture: bytes = b""
    svg: bytes = b""
    kind: str = ""
    owner: str = ""
    issuer: str = ""
    root: bytes = b""
    reason: str = ""
    looked_at: int = 0
    standing: str = ""
