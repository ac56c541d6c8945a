"""The commands of ./smartmail: one file a command, imported only when it is the one asked for.

A command module has `HELP` (one line for the overview), `add_arguments(parser)` and
`run(options: argparse.Namespace) -> int`. `PASSES_ARGUMENTS = True` gives it what follows in `options.rest`.
What is an operation of the admin API has no module: `nouns.NOUNS`. Exit codes: `exits`.
"""

import argparse
import importlib
import importlib.util
import os
import sys
import tomllib
from collections.abc import Callable
from typing import Any, NoReturn

from smartmail.app.cli import exits
from smartmail.app.cli.nouns import NOUNS
from smartmail.app.cli.operations.noun import Noun

# Name on the command line → module of this package, in the order of the overview. A command whose module is not
# in the tree does not exist; a noun of operations has none.
COMMANDS: dict[str, str | Noun] = {
    "serve": "serve",
    "service": "service",
    "host": NOUNS["host"],
    "organization": NOUNS["organization"],
    "domain": NOUNS["domain"],
    "department": NOUNS["department"],
    "person": NOUNS["person"],
    "directory": "directory",
    "account": "account",
    "absence": NOUNS["absence"],
    "leaver": NOUNS["leaver"],
    "temporary": NOUNS["temporary"],
    "certificate": NOUNS["certificate"],
    "trust": NOUNS["trust"],
    "key": "key",
    "share": "share",
    "group": NOUNS["group"],
    "alias": "alias",
    "list": NOUNS["list"],
    "relay": NOUNS["relay"],
    "route": NOUNS["route"],
    "appearance": NOUNS["appearance"],
    "approval": NOUNS["approval"],
    "approval-line": NOUNS["approval-line"],
    "policy": "policy",
    "security-label": NOUNS["security-label"],
    "leak-rule": NOUNS["leak-rule"],
    "leak-dry-run": NOUNS["leak-dry-run"],
    "leak-incident": NOUNS["leak-incident"],
    "leak-exception": NOUNS["leak-exception"],
    "access": "access",
    "role": NOUNS["role"],
    "consent": NOUNS["consent"],
    "agreement": NOUNS["agreement"],
    "bulletin": NOUNS["bulletin"],
    "hold": NOUNS["hold"],
    "job": NOUNS["job"],
    "webhook": NOUNS["webhook"],
    "queue": NOUNS["queue"],
    "trace": "trace",
    "partner": "partner",
    "authentication": "authentication",
    "ban": NOUNS["ban"],
    "alarm": NOUNS["alarm"],
    "report": NOUNS["report"],
    "spam": "spam",
    "quarantine": NOUNS["quarantine"],
    "sender": "sender",
    "case": "case",
    "purge": "purge",
    "geo": "geo",
    "audit": "audit",
    "investigation": NOUNS["investigation"],
    "siem": NOUNS["siem"],
    "destruction": NOUNS["destruction"],
    "smime": NOUNS["smime"],
    "logo": NOUNS["logo"],
    "search": "search",
    "filters": "filters",
    "pull": NOUNS["pull"],
    "scan": "scan",
    "rules": "rules",
    "import": "import_mail",
    "export": "export",
    "attachments": "attachments",
    "doctor": "doctor",
    "backup": "backup",
    "database": "database",
    "update": "update",
    "volume": NOUNS["volume"],
    "papers": "papers",
    "check-store": "check_store",
    "test": "test",
    "check": "check",
    "bench": "bench",
    "completion": "completion",
}


class Parser(argparse.ArgumentParser):
    """A parser that ends with the exit code of sysexits.h for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to go on."""
        self.print_usage(sys.stderr)
        self.exit(exits.USAGE, f"{self.prog}: {message}\n{self.prog} --help shows what there is.\n")


def main(arguments: list[str] | None = None, imported: Callable[[], None] | None = None) -> int:
    """Run the command that `arguments` (default: the command line) name, and return the exit code. `imported` is called
    when the command has been imported, before it does anything.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["help"] and len(words) > 1:
        words = [*words[1:], "--help"]
    if words[:1] == ["--version"]:
        print(f"SmartMail {version()}")
        return exits.OK
    if words and words[0] in COMMANDS and _exists(words[0]):
        return _run(words[0], words[1:], imported)
    return _overview(words)


def version() -> str:
    """Return the version of this tree."""
    with open(os.path.join(os.path.dirname(__file__), *[".."] * 4, "pyproject.toml"), "rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _run(name: str, words: list[str], imported: Callable[[], None] | None) -> int:
    module = _module(name)
    parser = parser_of(name)
    if getattr(module, "PASSES_ARGUMENTS", False):
        options, rest = parser.parse_known_args(words)
        options.rest = [word for word in rest if word != "--"]
    else:
        options = parser.parse_args(words)
    if imported is not None:
        imported()
    try:
        return int(module.run(options))
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone: nothing is wrong on our side.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.UNREAD


def parser_of(name: str) -> Parser:
    """Return the parser of a command."""
    module = _module(name)
    parser = Parser(
        prog=f"./smartmail {name}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    return parser


def _overview(words: list[str]) -> int:
    asked = not words or words[0] in {"-h", "--help", "help"}
    lines = ["usage: ./smartmail COMMAND [options]", ""]
    if not asked:
        lines[:0] = [f"./smartmail: there is no command {words[0]!r}", ""]
    lines += [f"  {name:<12} {_module(name).HELP}" for name in existing()]
    lines += ["", "./smartmail COMMAND --help tells more; --version tells which one this is."]
    print("\n".join(lines), file=sys.stdout if asked else sys.stderr)
    return exits.OK if asked else exits.USAGE


def existing() -> list[str]:
    """Return the commands that are there."""
    return [name for name in COMMANDS if _exists(name)]


def _exists(name: str) -> bool:
    place = COMMANDS[name]
    return isinstance(place, Noun) or importlib.util.find_spec(f"{__name__}.{place}") is not None


def _module(name: str) -> Any:
    place = COMMANDS[name]
    return place if isinstance(place, Noun) else importlib.import_module(f"{__name__}.{place}")
