"""account sending: whether an account may send; stopped by itself when it looks stolen, or by hand."""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import span
from smartmail.app.node import Node
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_WHAT = ("status", "stop", "resume", "bulk", "no-bulk")


def add_acts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `sending` to the acts of ./smartmail account."""
    text = (
        "whether an account may send: status, stop, resume (its held mail goes), "
        "bulk (much mail is expected of it for a time)"
    )
    parser = acts.add_parser("sending", help=text, description=text)
    opening.add_arguments(parser)
    parser.add_argument("what", choices=_WHAT, metavar="WHAT", help=", ".join(_WHAT))
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="needed for all but status")
    parser.add_argument(
        "--for", dest="span", type=span, default=DAY, metavar="TIME", help="of bulk: such as 6h, 30d (1d)"
    )
    parser.add_argument("--note", default="", help="of bulk: why; kept sealed")


async def sending(node: Node, options: argparse.Namespace) -> int:
    """Do one act."""
    if options.what == "status":
        return await _status(node, options)
    if options.address is None:
        raise opening.CommandError("Name the account.")
    account = await opening.find_account(node, options.address)
    defence, document = node.services.defence, {"address": account.login, "act": options.what}
    try:
        if options.what == "stop":
            done = await defence.stop_sending(_CLI, account)
            text = (
                f"{account.login} may not send any more; its mail in the queue is held." if done else "It is already."
            )
        elif options.what == "resume":
            freed = await defence.resume_sending(_CLI, account)
            text = f"{account.login} may send again; {freed} held recipients go now."
        elif options.what == "bulk":
            await defence.allow_bulk(_CLI, account.id, node.clock.now() + options.span, options.note)
            text = f"Much mail is expected of {account.login}: it is not stopped for that."
        else:
            await defence.disallow_bulk(_CLI, account.id)
            text = f"{account.login} is judged like all others again."
    except NotFound as error:
        raise opening.CommandError(error.public) from None
    opening.show(options, document, [text])
    return 0


async def _status(node: Node, options: argparse.Namespace) -> int:
    stops = await node.services.defence.sending_stops()
    accounts = {one.id: one.login for one in await node.services.directory.accounts()}
    named = [(accounts.get(one.account_id, ""), one) for one in stops]
    wanted = [(login, one) for login, one in named if options.address in {None, login}]
    document = [
        {"address": login, "reason": one.reason, "evidence": dict(one.evidence), "by": one.by} for login, one in wanted
    ]
    rows = [
        (login, one.reason, one.by, " ".join(f"{name}={count}" for name, count in one.evidence.items()))
        for login, one in wanted
    ]
    lines = opening.table(("ADDRESS", "REASON", "BY", "EVIDENCE"), rows) if rows else ["No account is stopped."]
    opening.show(options, document, lines)
    return 0


ACTS = {"sending": sending}
