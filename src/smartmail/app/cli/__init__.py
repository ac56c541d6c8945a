"""The commands of ./smartmail: one file a command, imported only when it is the one asked for.

A command module has `HELP` (one line for the overview), `add_arguments(parser)` and
`run(options: argparse.Namespace) -> int`. `PASSES_ARGUMENTS = True` gives it what follows in `options.rest`.
"""

import argparse
import importlib
import importlib.util
import os
import sys
from typing import Any

# Name on the command line → module of this package, in the order of the overview. A command whose module is not
# in the tree does not exist.
COMMANDS = {
    "serve": "serve",
    "organization": "organization",
    "domain": "domain",
    "department": "department",
    "person": "person",
    "directory": "directory",
    "account": "account",
    "absence": "absence",
    "leaver": "leaver",
    "temporary": "temporary",
    "certificate": "certificate",
    "trust": "trust",
    "key": "key",
    "share": "share",
    "group": "group",
    "alias": "alias",
    "list": "lists",
    "relay": "relay",
    "route": "route",
    "appearance": "appearance",
    "approval": "approval",
    "policy": "policy",
    "access": "access",
    "role": "role",
    "consent": "consent",
    "agreement": "agreement",
    "bulletin": "bulletin",
    "hold": "hold",
    "job": "job",
    "webhook": "webhook",
    "queue": "queue",
    "trace": "trace",
    "partner": "partner",
    "authentication": "authentication",
    "ban": "ban",
    "alarm": "alarm",
    "report": "report",
    "spam": "spam",
    "quarantine": "quarantine",
    "sender": "sender",
    "case": "case",
    "purge": "purge",
    "geo": "geo",
    "audit": "audit",
    "investigation": "investigation",
    "siem": "siem",
    "destruction": "destruction",
    "smime": "smime",
    "logo": "logo",
    "search": "search",
    "filters": "filters",
    "pull": "pull",
    "scan": "scan",
    "rules": "rules",
    "import": "import_mail",
    "export": "export",
    "attachments": "attachments",
    "doctor": "doctor",
    "backup": "backup",
    "database": "database",
    "update": "update",
    "volume": "volume",
    "papers": "papers",
    "check-store": "check_store",
    "test": "test",
    "check": "check",
    "bench": "bench",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command that `arguments` (default: the command line) name, and return the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in COMMANDS and _exists(words[0]):
        return _run(words[0], words[1:])
    return _overview(words)


def _run(name: str, words: list[str]) -> int:
    module = _module(name)
    parser = argparse.ArgumentParser(
        prog=f"./smartmail {name}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    if getattr(module, "PASSES_ARGUMENTS", False):
        options, rest = parser.parse_known_args(words)
        options.rest = [word for word in rest if word != "--"]
    else:
        options = parser.parse_args(words)
    try:
        return int(module.run(options))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone: nothing is wrong on our side.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _overview(words: list[str]) -> int:
    asked = not words or words[0] in {"-h", "--help", "help"}
    lines = ["usage: ./smartmail COMMAND [options]", ""]
    if not asked:
        lines[:0] = [f"./smartmail: there is no command {words[0]!r}", ""]
    lines += [f"  {name:<12} {_module(name).HELP}" for name in COMMANDS if _exists(name)]
    lines += ["", "./smartmail COMMAND --help tells more."]
    print("\n".join(lines), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _exists(name: str) -> bool:
    return importlib.util.find_spec(f"{__name__}.{COMMANDS[name]}") is not None


def _module(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{COMMANDS[name]}")
