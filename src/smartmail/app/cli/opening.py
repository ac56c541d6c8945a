"""Opens the node for a command, and says clearly what stands in the way."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from smartmail.app.cli import settings_options
from smartmail.app.node import Node, open_node
from smartmail.app.opening.restore_journal import require_no_restore
from smartmail.app.process_tree import rights
from smartmail.app.settings import Settings, SettingsError
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.principal import Actor, Origin

CANNOT_START = 78  # EX_CONFIG
FAILED = 1

Work = Callable[[Node], Awaitable[int]]


class CommandError(Exception):
    """What is wrong with what was asked, in words for the person who typed it; `code` is the exit code."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that find the node, and --json."""
    settings_options.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the result as one JSON document")


def perform(options: argparse.Namespace, work: Work, *, as_owner: bool = True) -> int:
    """Run `work` on the open node; return its exit code, or one that says why it could not run.

    `as_owner`: files that root makes belong to who owns the data.
    """
    try:
        settings = settings_options.read(options)
        require_no_restore(settings)
        require_data(settings)
        if as_owner:
            rights.work_as_owner(settings.directory)
        return asyncio.run(_perform(settings, work))
    except (SettingsError, CannotStartError) as error:
        complain(str(error))
        return CANNOT_START
    except CommandError as error:
        complain(str(error))
        return error.code
    except MailError as error:
        complain(error.public or error.detail or error.code)
    return FAILED


async def _perform(settings: Settings, work: Work) -> int:
    async with open_node(settings) as node:
        return await work(node)


def octets_of(place: str, most: int) -> bytes:
    """Return the first `most` octets of a file that was named on the command line. Raises CommandError."""
    try:
        with Path(place).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise CommandError(f"{place} cannot be read: {error.strerror}.") from error


def require_data(settings: Settings) -> None:
    """Raise CannotStartError where no server was ever started: a command must not make a new one by mistake."""
    if settings.uses_sqlite and not os.path.exists(os.path.join(settings.directory, "smartmail.db")):
        raise CannotStartError(
            f"{settings.directory} holds no SmartMail data. Name the right directory with --data DIR, "
            f"or start a server there first: ./smartmail serve --data {settings.directory}"
        )


async def find_account(node: Node, address: str) -> Account:
    """Return the account of a login or alias. Raises CommandError."""
    try:
        return await node.services.directory.account_by_login(address)
    except NotFound:
        for account in await node.services.directory.accounts():
            # Closed accounts have no address that mail could reach.
            if account.login == address.strip().lower():
                return account
        raise CommandError(f"There is no account {address}. ./smartmail account list shows all.") from None


def command_actor(account: Account) -> Actor:
    """Return the actor for a command that works in an account on the administrator's behalf."""
    return Actor(account.id, account.organization_id, account.login, account.is_admin, Origin("cli"))


def show(options: argparse.Namespace, document: Any, lines: list[str]) -> None:
    """Print the result: the document with --json, else the lines."""
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for line in lines:
            print(line)


def complain(text: str) -> None:
    """Print what went wrong."""
    print(f"smartmail: {text}", file=sys.stderr)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return lines with columns one below the other; wide characters count as two."""
    widths = [max(_width(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (head, *rows)]  # fmt: skip


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
