"""Photographs of people, as colleagues see them beside a name."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId

PhotoSize = Literal["small", "large"]


@dataclass(frozen=True, slots=True)
class PhotographRow:
    """A photograph as the store keeps it. `changed_at` in milliseconds: what its versions are told apart by."""

    account_id: AccountId
    organization_id: OrganizationId
    changed_at: int
    sealed_small: bytes = field(repr=False)
    sealed_large: bytes = field(repr=False)
