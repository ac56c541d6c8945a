"""Webhooks: addresses to which what happens in a company is sent, signed and in order.

`add URL` shows the secret once: receivers check with it that a message is ours and of now. `types` are beginnings of names of
events (account, account.close); without any, all but logins are sent. A target that took nothing for 14 days is stopped;
`resume` lets it go on where it was, so that nothing is missed. `replay NUMBER AFTER` sends again what came after an event.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, shown, the_organization
from smartmail.app.node import Node
from smartmail.domain.errors import MailError, NotFound
from smartmail.service.clock import HOUR
from smartmail.service.webhooks import WebhookView

HELP = "send what happens to addresses of other systems"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    _of(add_act(acts, "list", "show targets"))
    new = _of(add_act(acts, "add", "send what happens from now on", "URL"))
    new.add_argument("--label", default="", help="what it is for")
    new.add_argument("--type", action="append", default=[], metavar="NAME", help="only events whose name begins so")
    for name, text in (
        ("pause", "send nothing for now"),
        ("resume", "go on where it was"),
        ("remove", "send nothing any more"),
    ):
        _of(add_act(acts, name, text, "NUMBER"))
    secret = _of(add_act(acts, "secret", "make a new secret", "NUMBER"))
    secret.add_argument("--overlap", type=int, default=24, metavar="HOURS", help="the old one signs as well (24)")
    _of(add_act(acts, "replay", "send again what came after an event", "NUMBER", "AFTER"))


def _of(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--organization", metavar="NAME", help="whose (needed where there are several)")
    return parser


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"list": _list, "add": _add, "secret": _secret, "remove": _remove, "replay": _replay}.get(options.act, _state)
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    views = [
        (one.name, view)
        for one in await organizations(node, options.organization)
        for view in await node.services.admin_api.webhooks.list_all(one.id)
    ]
    rows = [
        (
            str(view.row.id), name, view.row.state, view.url, view.label, ", ".join(view.row.types) or "all",
            str(view.row.seq), str(view.row.last_status or "–"), shown(view.row.last_at),
        )
        for name, view in views
    ]  # fmt: skip
    heads = ("NUMBER", "COMPANY", "STATE", "URL", "LABEL", "TYPES", "UP TO", "ANSWER", "LAST")
    opening.show(options, [_document(view) for _, view in views], opening.table(heads, rows))
    return 0


async def _add(node: Node, options: argparse.Namespace) -> int:
    home, webhooks = (await the_organization(node, options.organization)).id, node.services.admin_api.webhooks
    try:
        view = await webhooks.create(CLI, home, options.url, options.label, options.type)
    except MailError as error:
        raise opening.CommandError(f"Not added: {error.public}.") from None
    lines = [f"Webhook {view.row.id} is added. Its secret, shown this once:", f"  {view.secret}"]
    opening.show(options, {**_document(view), "secret": view.secret}, lines)
    return 0


async def _state(node: Node, options: argparse.Namespace) -> int:
    state = "paused" if options.act == "pause" else "active"
    home, number = (await the_organization(node, options.organization)).id, _number(options)
    try:
        view = await node.services.admin_api.webhooks.change(CLI, home, number, state=state)  # type: ignore[arg-type]
    except NotFound:
        raise _missing(options) from None
    opening.show(options, _document(view), [f"Webhook {number} is {view.row.state}."])
    return 0


async def _secret(node: Node, options: argparse.Namespace) -> int:
    home, number = (await the_organization(node, options.organization)).id, _number(options)
    try:
        view = await node.services.admin_api.webhooks.rotate(CLI, home, number, options.overlap * HOUR)
    except NotFound:
        raise _missing(options) from None
    except MailError as error:
        raise opening.CommandError(f"Not done: {error.public}.") from None
    lines = [
        f"The new secret of webhook {number}, shown this once; the old one signs too for {options.overlap} h:",
        f"  {view.secret}",
    ]
    opening.show(options, {**_document(view), "secret": view.secret}, lines)
    return 0


async def _replay(node: Node, options: argparse.Namespace) -> int:
    home, number = (await the_organization(node, options.organization)).id, _number(options)
    if not options.after.isdecimal():
        raise opening.CommandError("AFTER is the number of an event; 0 for all that there are.")
    try:
        view = await node.services.admin_api.webhooks.replay(CLI, home, number, int(options.after))
    except NotFound:
        raise _missing(options) from None
    except MailError as error:
        raise opening.CommandError(f"Not done: {error.public}.") from None
    opening.show(options, _document(view), [f"Webhook {number} gets again what came after event {options.after}."])
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    home, number = (await the_organization(node, options.organization)).id, _number(options)
    try:
        await node.services.admin_api.webhooks.delete(CLI, home, number)
    except NotFound:
        raise _missing(options) from None
    opening.show(options, {"id": number}, [f"Webhook {number} is removed."])
    return 0


def _number(options: argparse.Namespace) -> int:
    if not options.number.isdecimal():
        raise _missing(options)
    return int(options.number)


def _missing(options: argparse.Namespace) -> opening.CommandError:
    return opening.CommandError(f"There is no webhook {options.number}: ./smartmail webhook list shows them.")


def _document(view: WebhookView) -> dict[str, object]:
    row = view.row
    return {
        "id": row.id, "organization": row.organization_id, "url": view.url, "label": view.label,
        "types": list(row.types), "state": row.state, "seq": row.seq, "lastStatus": row.last_status,
        "lastAt": row.last_at, "failingSince": row.failing_since,
    }  # fmt: skip
