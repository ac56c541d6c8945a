"""Files of the program that a process reads when it starts: here a process opens hundreds of houses and reads them once."""

import functools

from smartmail.adapters.sql import migrate
from smartmail.app.wiring import protection
from smartmail.ports.geo import Tables

_read_scripts = functools.cache(migrate.scripts)
_read_tables = functools.cache(protection.shipped_tables)


def scripts() -> list[str]:
    """Return the migrations."""
    return list(_read_scripts())


def shipped_tables() -> Tables:
    """Return the tables of countries and networks: each is mapped and never written."""
    return dict(_read_tables())


def install() -> None:
    """Let all houses of this process share what was read."""
    migrate.scripts = scripts
    protection.shipped_tables = shipped_tables
