"""Second factors and known devices of an account, as acts of `./smartmail account`."""

import argparse
from collections.abc import Awaitable, Callable

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, add_act, shown
from smartmail.app.node import Node

Act = Callable[[Node, argparse.Namespace], Awaitable[int]]


def add_acts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the acts to those of `account`."""
    add_act(acts, "factors", "show an account's second factors and how many recovery codes are left", "ADDRESS")
    reset = add_act(
        acts, "reset-factors", "remove an account's second factors; its sessions end, it enrols anew", "ADDRESS"
    )
    reset.add_argument("--reason", required=True, help="why, in ten characters or more; kept sealed in the audit")
    add_act(acts, "forget-devices", "forget the browsers that an account is known by", "ADDRESS")


async def _factors(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    found, left = await node.services.enrolment.list(CLI, account.id)
    rows = [(str(one.id), one.kind, one.label, shown(one.created_at), shown(one.last_used_at)) for one in found]
    document = {
        "factors": [
            {
                "id": one.id, "kind": one.kind, "label": one.label, "createdAt": one.created_at,
                "usedAt": one.last_used_at,
            }
            for one in found
        ],
        "recoveryCodes": left,
    }  # fmt: skip
    lines = [*opening.table(("ID", "KIND", "LABEL", "SINCE", "LAST USED"), rows), f"Recovery codes left: {left}."]
    if not found:
        lines = [f"{account.login} has no second factor. Ask for one: ./smartmail policy set second-factor.required …"]
    opening.show(options, document, lines)
    return 0


async def _reset(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    gone = await node.services.enrolment.reset(CLI, account.id, options.reason)
    opening.show(
        options, {"removed": gone}, [f"{gone} second factors of {account.login} were removed; its sessions end."]
    )
    return 0


async def _forget(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    gone = await node.services.devices.forget_all(CLI, account.id)
    opening.show(options, {"forgotten": gone}, [f"{gone} devices of {account.login} were forgotten."])
    return 0


ACTS: dict[str, Act] = {"factors": _factors, "reset-factors": _reset, "forget-devices": _forget}
