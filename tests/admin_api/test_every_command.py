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
    "access": {
        "list": "GET /access-rules", "new": "POST /access-rules", "test": "POST /access-rules/dry-run",
        "end": "DELETE /access-rules/{id}", "why": "POST /accounts/{id}/simulate-login",
        "countries": "GET /accounts/{id}/countries", "ask": PERSON, "break-glass": "POST /accounts/{id}/break-glass",
        "close-glass": "DELETE /accounts/{id}/break-glass", "glasses": "GET /break-glass", "passes": "GET /travel-exemptions",
        "grant": "POST /travel-exemptions/{id}/decide", "refuse": "POST /travel-exemptions/{id}/decide",
        "withdraw": "POST /travel-exemptions/{id}/withdraw",
    },
    "account": {"app-password": PERSON, "token": PERSON, "certificate": PERSON},
    "alias": {
        "put": "PUT /aliases/{address}", "remove": "DELETE /aliases/{address}", "forward": PERSON, "unforward": PERSON,
        "domain": "PATCH /routes/{domain}", "sub-address": "PATCH /routes/{domain}", "list": "GET /aliases",
    },
    "attachments": PERSON,
    "audit": {"verify": "POST /audit-records/verify", "anchors": MACHINE, "verifier": MACHINE},
    "authentication": LATER,
    "backup": {
        "take": "POST /backups", "list": "GET /backups", "runs": "GET /backup-runs", "status": "GET /backups/status",
        "verify": "POST /backups/{name}/verify", "rehearse": "POST /backups/{name}/restore-test",
        "bring": "POST /accounts/{id}/message-restores",
        "restore": "makes a node on a host where none runs, of the place and the master key: nobody could be asked there",
    },
    "database": {
        "show": "GET /database", "check": "POST /database/maintenance", "optimise": "POST /database/maintenance",
        "give-back": "POST /database/maintenance", "rewrite": "POST /database/maintenance", "plan": "PUT /database-schedule",
        "move": "works while nothing runs: it puts the node onto another database",
    },
    "bench": MACHINE,
    "case": {"report": PERSON, "mailbox": LATER},
    "certificate": {
        "add": "POST /certificates", "list": "GET /certificates", "remove": "DELETE /certificates/{id}",
        "acme": "PUT /acme/account", "fetch": "POST /acme/names", "forget": "DELETE /acme/names/{name}",
    },
    "check": MACHINE,
    "check-store": MACHINE,
    "completion": MACHINE,
    "directory": {
        "import": "POST /imports", "resume": "POST /imports/{id}/resume", "undo": "POST /imports/{id}/undo",
    },
    "doctor": MACHINE,
    "domain": {
        "add": "POST /domains", "list": "GET /domains", "dkim": "POST /domains/{name}/signing-keys",
        "records": "GET /domains/{name}/dns-records", "tls": "PUT /domains/{name}/mta-sts",
        "reports": "GET /domains/{name}/reports",
    },
    "export": "mail of a person leaves by command only, with a reason",
    "filters": PERSON,
    "rules": {"make": MACHINE},
    "geo": {"show": "GET /geo-tables", "update": "POST /geo-tables", "reset": "DELETE /geo-tables", "relays": LATER},
    "import": MACHINE,
    "key": {
        "show": "GET /encryption", "kit": "POST /recovery-kit", "rehearse": "POST /recovery-kit/verify", "recover": MACHINE,
        "protect": MACHINE,
    },
    "list": {
        "create": "POST /lists", "change": "PATCH /lists/{address}", "add": "PUT /lists/{address}/members/{member}",
        "drop": "DELETE /lists/{address}/members/{member}", "show": "GET /lists/{address}", "list": "GET /lists",
        "remove": "DELETE /lists/{address}",
    },
    "papers": MACHINE,
    "partner": {
        "tls": "PUT /tls-partners/{domain}", "exception": "POST /tls-exceptions", "authorities": LATER,
        "list": "GET /tls-partners", "report": LATER,
    },
    "policy": {
        "stage": "POST /policy-changes", "rehearse": "POST /policy-changes/{id}/dry-run", "near": LATER, "retention": LATER,
    },
    "purge": {"run": "POST /purges"},
    "queue": {
        "list": "GET /queue", "show": "GET /queue/{id}", "stats": "GET /overview", "hold": "POST /queue/actions",
        "release": "POST /queue/actions", "retry": "POST /queue/actions", "reroute": "POST /queue/actions",
        "delete": "POST /queue/actions", "cancel": "POST /queue/actions", "pause": "POST /queue-rules/pause",
        "resume": "POST /queue-rules/pause", "limit": "PUT /queue-rules/destinations/{domain}",
        "limits": "GET /queue-rules", "source": LATER, "schedule": LATER,
    },
    "relay": {
        "add": "POST /relays", "change": "PATCH /relays/{id}", "remove": "DELETE /relays/{id}", "list": "GET /relays",
    },
    "route": {
        "relay": "PATCH /routes/{domain}", "other": "PATCH /routes/{domain}", "known": LATER,
        "smarthost": "PUT /smarthosts/{domain}", "journal": "PUT /journals", "list": "GET /routes",
    },
    "scan": LATER,
    "search": MACHINE,
    "sender": {
        "allow": "POST /sender-rules", "block": "POST /sender-rules", "import": LATER, "list": "GET /sender-rules",
        "remove": "DELETE /sender-rules/{id}",
    },
    "serve": MACHINE,
    "share": PERSON,
    "spam": {"learn": MACHINE, "score": MACHINE, "explain": MACHINE, "stats": "GET /spam-model"},
    "test": MACHINE,
    "trace": {"find": "GET /trace", "show": "GET /trace", "books": LATER, "metrics": MACHINE},
    "update": {
        "list": "GET /updates", "trust": "PUT /update-key", "check": "POST /updates/check", "apply": "POST /updates/apply",
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
