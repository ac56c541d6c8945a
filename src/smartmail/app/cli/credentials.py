"""What opens an account besides its main password, as acts of `./smartmail account`: app passwords, access tokens,
client certificates; signed-in browsers and the record of logins.

A generated secret is printed once, by the act that makes it.
"""

import argparse
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, add_act
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.service.identity.auth import ALL_MAIL, CredentialInfo, NewSecret
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import CLIENT_DOORS

Act = Callable[[Node, argparse.Namespace], Awaitable[int]]


def add_acts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the acts to those of `account`."""
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
    add_act(acts, "credentials", "show what opens the account, and when it was last used", "ADDRESS")
    add_act(acts, "revoke", "take a credential back; its connections end", "ADDRESS").add_argument(
        "id", type=int, metavar="ID"
    )
    sessions = add_act(acts, "sessions", "show signed-in browsers, or end them", "ADDRESS")
    sessions.add_argument("--end", metavar="ID", help="end this one; `all` ends every one")
    add_act(acts, "logins", "show who came to the account's doors", "ADDRESS").add_argument(
        "--limit", type=int, default=50, help="how many, newest first (50)"
    )


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


async def _credentials(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    found = await node.services.auth.credentials(CLI, account.id)
    rows = [
        (
            str(one.id), one.kind, one.label, " ".join(one.doors or one.scopes) or "all", " ".join(one.networks),
            _when(one.expires_at), f"{_when(one.last_used_at)} {one.last_used_door} {one.last_used_address} {one.last_used_country}".strip(),
        )
        for one in found
    ]  # fmt: skip
    head = ("ID", "KIND", "LABEL", "OPENS", "FROM", "ENDS", "LAST USED")
    opening.show(options, [_shown(one) for one in found], opening.table(head, rows))
    return 0


async def _revoke(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    await node.services.auth.delete_credential(CLI, options.id, account.id)
    opening.show(options, {"id": options.id, "revoked": True}, [f"Number {options.id} opens {account.login} no more."])
    return 0


async def _end_sessions(node: Node, account: Account, which: str, ended: list[str]) -> None:
    if which == "all":
        await node.services.auth.end_all_sessions(CLI, account.id)
        return
    if len(ended) != 1:
        raise opening.CommandError(f"There is no one session {which}. `sessions` without --end shows all.")
    await node.services.auth.end_session(CLI, ended[0], account.id)


async def _sessions(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    found = await node.services.auth.sessions(CLI, account.id)
    if options.end is not None:
        ended = [one.id for one in found if options.end == "all" or one.id.startswith(options.end)]
        await _end_sessions(node, account, options.end, ended)
        opening.show(options, {"ended": ended}, [f"{len(ended)} sessions have ended."])
        return 0
    rows = [
        (one.id[:12], _when(one.created_at), _when(one.last_seen_at), _when(one.expires_at), one.address, one.device)
        for one in found
    ]
    document = [
        {
            "id": one.id, "createdAt": one.created_at, "lastSeenAt": one.last_seen_at, "expiresAt": one.expires_at,
            "address": one.address, "device": one.device,
        }
        for one in found
    ]  # fmt: skip
    opening.show(options, document, opening.table(("ID", "SINCE", "LAST SEEN", "ENDS", "FROM", "DEVICE"), rows))
    return 0


async def _logins(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    found = await node.services.auth.login_attempts(CLI, account.id, limit=options.limit)
    rows = [
        (_when(one.at), one.door, one.address, one.country, one.result, str(one.credential_id or "")) for one in found
    ]
    document = [
        {"at": one.at, "door": one.door, "address": one.address, "country": one.country or None, "result": one.result,
         "credential": one.credential_id}
        for one in found
    ]  # fmt: skip
    opening.show(options, document, opening.table(("AT", "DOOR", "FROM", "COUNTRY", "RESULT", "CREDENTIAL"), rows))
    return 0


def _shown(info: CredentialInfo) -> dict[str, Any]:
    return {
        "id": info.id, "kind": info.kind, "label": info.label, "doors": list(info.doors), "scopes": list(info.scopes),
        "networks": list(info.networks), "createdAt": info.created_at, "expiresAt": info.expires_at,
        "lastUsedAt": info.last_used_at, "lastUsedDoor": info.last_used_door, "lastUsedAddress": info.last_used_address,
        "lastUsedCountry": info.last_used_country,
    }  # fmt: skip


def _when(milliseconds: int | None) -> str:
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


ACTS: dict[str, Act] = {
    "app-password": _app_password, "token": _token, "certificate": _certificate, "credentials": _credentials,
    "revoke": _revoke, "sessions": _sessions, "logins": _logins,
}  # fmt: skip
