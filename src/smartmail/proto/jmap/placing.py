"""Shapes of MailPlacing: our own type for where arriving mail goes beside a person's filters. One object a person."""

from typing import Final

from msgspec import Struct

PLACING_ID: Final = "singleton"


class MailPlacing(Struct, rename="camel", frozen=True):
    """`abroad_apart`: mail from abroad goes into a mailbox of its own; `may_change`: the person decides, not policy.
    `home_countries`: which are not abroad, two letters each.
    """

    id: str
    abroad_apart: bool
    may_change: bool
    home_countries: tuple[str, ...]


PLACING_PROPERTIES: Final = ("id", "abroadApart", "mayChange", "homeCountries")
