"""How a company, or one of its domains, shows itself: name, logo, the hue of its colour."""

from dataclasses import dataclass, field

from smartmail.domain.ids import OrganizationId

OURS = -1
"""The hue of who has chosen none: the colour of the program."""


@dataclass(frozen=True, slots=True)
class AppearanceRow:
    """An appearance as the store keeps it. `domain` "": of the whole company."""

    organization_id: OrganizationId
    domain: str
    hue: int
    sealed: bytes = field(repr=False)
    changed_at: int = 0


@dataclass(frozen=True, slots=True)
class Appearance:
    """An appearance, opened. `logo`: a PNG, empty for none."""

    organization_id: OrganizationId
    domain: str
    name: str
    hue: int
    logo: bytes = field(default=b"", repr=False)
    changed_at: int = 0
