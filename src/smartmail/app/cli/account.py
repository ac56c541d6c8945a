"""Accounts, what opens them, what they may send.

`passwd` asks for the password, or reads it from standard input; it is never written on the command line. An account that is
added without a password gets one from a `setup-link`, which works once, for a day. Administrator of the company is who holds
the role: `role grant ADDRESS company`. Who works in an account of kind `shared` says `share add`. `close` ends logins and mail,
the data stay.

`stop-sending` and `resume-sending` block an account from sending and let its held mail go; `allow-bulk ADDRESS --until 30d`
says that much mail is expected of it. A generated secret (`app-password`, `token`) is printed once, by the act that makes it.
"""

import argparse
import ssl
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.service.identity.auth import ALL_MAIL, CredentialInfo, NewSecret
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import CLIENT_DOORS

HELP = "add, list, close accounts; passwords, quotas, aliases, what opens them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "account")
    made = add_act(acts, "app-password", "make a password for one mail program", "ADDRESS")
    _labelled(made)
    made.add_argument(
        "--door", action="append", default=[], choices=CLIENT_DOORS, help="what it opens; may be repeated (everything)"
    )
    token = add_act(acts, "token", "make an access token for OAUTHBEARER, XOAUTH2 and HTTP Bearer", "ADDRESS")
    _labelled(token)
    token.add_argument(
        "--scope", action="append", default=[], choices=(ALL_MAIL, *CLIENT_DOORS),
        help="what it opens; may be repeated (mail: everything)",
    )  # fmt: skip
    certificate = add_act(acts, "certificate", "let a client certificate open the account (SASL EXTERNAL)", "ADDRESS")
    certificate.add_argument("file", metavar="PEM", help="the certificate; its authority is tls.client_authority")
    certificate.add_argument("--label", default="certificate", help="what it is called in lists")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"app-password": _app_password, "token": _token, "certificate": _certificate}.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


def _labelled(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", required=True, help="whose program it is for, such as 'iPhone'")
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="NET",
        help="where it works: a network such as 192.0.2.0/24 or a country such as KR; may be repeated (everywhere)",
    )
    parser.add_argument("--days", type=int, metavar="N", help="ends by itself after so many days (never)")


async def _app_password(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    made = await node.services.auth.new_app_password(
        CLI, options.label, doors=options.door, networks=options.network, expires_at=_end(node, options),
        account_id=account.id,
    )  # fmt: skip
    return _told(options, account, made)


async def _token(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    made = await node.services.auth.new_token(
        CLI, options.label, scopes=options.scope or (ALL_MAIL,), networks=options.network,
        expires_at=_end(node, options), account_id=account.id,
    )  # fmt: skip
    return _told(options, account, made)


def _end(node: Node, options: argparse.Namespace) -> int | None:
    return None if options.days is None else node.clock.now() + options.days * DAY


def _told(options: argparse.Namespace, account: Account, made: NewSecret) -> int:
    lines = [f"{made.info.label}, number {made.info.id} of {account.login}. It is shown this once:", f"  {made.secret}"]
    opening.show(options, {**_shown(made.info), "secret": made.secret}, lines)
    return 0


async def _certificate(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    der = _read_certificate(options.file)
    info = await node.services.auth.add_certificate(CLI, options.label, der, account_id=account.id)
    opening.show(options, _shown(info), [f"The certificate is number {info.id} of {account.login}."])
    return 0


def _read_certificate(path: str) -> bytes:
    try:
        with open(path, encoding="ascii") as file:
            return ssl.PEM_cert_to_DER_cert(file.read().strip())
    except (OSError, ValueError) as error:
        raise opening.CommandError(f"{path} is no PEM certificate ({error}).") from None


def _shown(info: CredentialInfo) -> dict[str, Any]:
    return {
        "id": info.id, "kind": info.kind, "label": info.label, "doors": list(info.doors), "scopes": list(info.scopes),
        "networks": list(info.networks), "createdAt": info.created_at, "expiresAt": info.expires_at,
    }  # fmt: skip
