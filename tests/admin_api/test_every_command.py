"""Whatever an administrator does by command can be done by the API, or it is said here why not.

A command that is new fails here until somebody has said where it is. Commands that are made of operations need no word.
"""

import argparse

import pytest

from smartmail.app.cli import COMMANDS, parser_of
from smartmail.app.cli.operations.words import Command
from smartmail.edge.httpd.admin.table import OPERATIONS

MACHINE = "needs the machine itself: files of this host, or the master key"
PERSON = "a person's own, done by themselves in the webmail"
WEB = "part of another operation"
LATER = "by command only so far"

# noun → act → "METHOD /path", or why there is none; a text for a whole noun stands for all of its acts.
PLACES: dict[str, str | dict[str, str]] = {
    "access": {"ask": PERSON},
    "account": {"app-password": PERSON, "token": PERSON, "certificate": PERSON},
    "alias": {"forward": PERSON, "unforward": PERSON, "forwards": PERSON},
    "attachments": PERSON,
    "audit": {"verify": "POST /audit-records/verify", "anchors": MACHINE, "verifier": MACHINE},
    "authentication": LATER,
    "backup": {
        "status": "GET /backups/status",
        "restore": "makes a node on a host where none runs, of the place and the master key: nobody could be asked there",
    },
    "database": {"move": "works while nothing runs: it puts the node onto another database"},
    "bench": MACHINE,
    "case": {"report": PERSON, "mailbox": LATER},
    "check": MACHINE,
    "check-store": MACHINE,
    "completion": MACHINE,
    "directory": {
        "import": "POST /imports", "resume": "POST /imports/{id}/resume", "undo": "POST /imports/{id}/undo",
    },
    "doctor": MACHINE,
    "export": "mail of a person leaves by command only, with a reason",
    "filters": PERSON,
    "rules": {"make": MACHINE},
    "geo": {"update": "POST /geo-tables"},
    "import": MACHINE,
    "key": {
        "show": "GET /encryption", "kit": "POST /recovery-kit", "rehearse": "POST /recovery-kit/verify", "recover": MACHINE,
        "protect": MACHINE,
    },
    "papers": MACHINE,
    "partner": {"report": MACHINE},
    "policy": {
        "stage": "POST /policy-changes", "rehearse": "POST /policy-changes/{id}/dry-run", "near": LATER, "retention": LATER,
    },
    "purge": {"run": "POST /purges"},
    "scan": LATER,
    "search": MACHINE,
    "sender": {"import": LATER},
    "serve": MACHINE,
    "share": PERSON,
    "spam": {"learn": MACHINE, "score": MACHINE, "explain": MACHINE, "stats": "GET /spam-model"},
    "test": MACHINE,
    "trace": {"books": LATER, "metrics": MACHINE},
    "update": {
        "check": "POST /updates/check", "apply": "POST /updates/apply",
        "back": "POST /updates/rollback", "key": "for who makes bundles", "make": "for who makes bundles",
    },
}  # fmt: skip
METHODS = ("GET ", "POST ", "PUT ", "PATCH ", "DELETE ")


def acts_of(noun: str) -> list[str]:
    """Return the verbs of a noun that somebody wrote; those that operations are say by themselves where they are."""
    acts = [one for one in parser_of(noun)._actions if isinstance(one, argparse._SubParsersAction)]
    choices = acts[0].choices if acts else {}
    return [verb for verb, parser in choices.items() if not isinstance(parser.get_default("command"), Command)]


@pytest.mark.parametrize("noun", sorted(COMMANDS))
def test_an_act_of_the_command_line_has_its_operation(noun):
    place, acts = PLACES.get(noun, {}), acts_of(noun)
    if isinstance(place, str):
        return
    assert sorted(place) == sorted(acts), f"say in PLACES where ./smartmail {noun} is in the admin API"


def test_a_command_is_one_operation():
    named = [" ".join(text.split()[:2]) for one in OPERATIONS for text in one.commands]
    assert len(named) == len(set(named))
    assert {name.split()[0] for name in named} <= set(COMMANDS)


def test_operations_that_are_named_are_there():
    known = {f"{one.method} {one.path}" for one in OPERATIONS}
    named = {where for place in PLACES.values() if isinstance(place, dict) for where in place.values()}
    assert {where for where in named if where.startswith(METHODS)} <= known


def test_shapes_have_names_of_their_own():
    """Two shapes of one name would be told by their modules, and the web would have neither."""
    from smartmail.edge.httpd.admin.openapi import document

    assert not [name for name in document(OPERATIONS)["components"]["schemas"] if "." in name or "smartmail" in name]
