"""Looks after the filters of accounts: Sieve scripts and the reply during an absence.

list ADDRESS                   scripts, which is active, and what went wrong in the last run that failed
get ADDRESS NAME               print a script
put ADDRESS NAME FILE          keep a script (- reads standard input); --activate makes it the active one
activate ADDRESS NAME          make a script the active one
deactivate ADDRESS             no script is active any more
delete ADDRESS NAME            remove a script that is not active
check FILE                     what is wrong with a script
test ADDRESS MESSAGE           what a script would do with a message (a file), and why; nothing is done
absence ADDRESS                show the reply during an absence; --off switches it off
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smartmail.app import catalogues
from smartmail.app.cli import opening
from smartmail.app.cli.acting import add_act
from smartmail.app.node import Node
from smartmail.base.i18n import FALLBACK, LANGUAGES
from smartmail.domain.errors import NotFound
from smartmail.proto import sieve
from smartmail.service.flow.filters.scripts import Script, ScriptRefused

HELP = "Sieve scripts and absences of accounts; check and try scripts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add_act(acts, "list", "show the scripts of an account", "ADDRESS")
    add_act(acts, "get", "print a script", "ADDRESS").add_argument("name", metavar="NAME")
    put = add_act(acts, "put", "keep a script", "ADDRESS")
    put.add_argument("name", metavar="NAME")
    put.add_argument("file", metavar="FILE", help="- reads standard input")
    put.add_argument("--activate", action="store_true", help="and make it the active one")
    add_act(acts, "activate", "make a script the active one", "ADDRESS").add_argument("name", metavar="NAME")
    add_act(acts, "deactivate", "no script is active any more", "ADDRESS")
    add_act(acts, "delete", "remove a script", "ADDRESS").add_argument("name", metavar="NAME")
    check = acts.add_parser("check", help="judge a script", description="Says what is wrong with a script.")
    check.add_argument("file", metavar="FILE", help="- reads standard input")
    check.add_argument("--language", choices=LANGUAGES, default=FALLBACK, help="of what is said (en)")
    test = add_act(acts, "test", "try a script on a message", "ADDRESS")
    test.add_argument("message", metavar="MESSAGE", help="a file; - reads standard input")
    test.add_argument("--script", metavar="FILE", help="a script that is not kept (the active one)")
    test.add_argument("--name", metavar="NAME", help="a script of the account (the active one)")
    test.add_argument("--from", dest="sender", default="sender@example.org", metavar="ADDRESS", help="envelope sender")
    test.add_argument("--to", dest="recipient", default="", metavar="ADDRESS", help="envelope recipient (the account)")
    add_act(acts, "absence", "the reply during an absence", "ADDRESS").add_argument(
        "--off", action="store_true", help="switch it off"
    )


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "check":
        return _check(options)
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


def _octets(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise opening.CommandError(f"{name}: {error.strerror}") from None


def _check(options: argparse.Namespace) -> int:
    catalogues.load()
    try:
        problems = sieve.check(_octets(options.file))
    except opening.CommandError as error:
        opening.complain(str(error))
        return opening.FAILED
    for problem in problems:
        print(problem.sentence(options.language))
    if not problems:
        print("The script is right.")
    return opening.FAILED if problems else 0


async def _find(node: Node, options: argparse.Namespace, name: str) -> Script:
    account = await opening.find_account(node, options.address)
    try:
        return await node.services.filters.find(opening.command_actor(account), account.id, name)
    except NotFound:
        raise opening.CommandError(f"{account.login} has no script {name}.") from None


def _shown(script: Script) -> dict[str, Any]:
    changed = datetime.fromtimestamp(script.updated_at / 1000, UTC).isoformat(timespec="seconds")
    return {"name": script.name, "active": script.is_active, "octets": script.size, "changed": changed}


async def _list(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor, filters = opening.command_actor(account), node.services.filters
    scripts = [_shown(one) for one in await filters.list_all(actor, account.id)]
    problem = await filters.problem(actor, account.id)
    head = ("NAME", "ACTIVE", "OCTETS", "CHANGED")
    rows = [(one["name"], "active" if one["active"] else "", str(one["octets"]), one["changed"]) for one in scripts]
    lines = opening.table(head, rows)
    document: dict[str, Any] = {"scripts": scripts, "problem": None}
    if problem is not None:
        at = datetime.fromtimestamp(problem.at / 1000, UTC).isoformat(timespec="seconds")
        document["problem"] = {"at": at, "text": problem.problem.sentence()}
        lines.append(f"Last failure, {at}: {problem.problem.sentence()}")
    opening.show(options, document, lines)
    return 0


async def _get(node: Node, options: argparse.Namespace) -> int:
    script = await _find(node, options, options.name)
    account = await opening.find_account(node, options.address)
    content = await node.services.filters.content(opening.command_actor(account), account.id, script.id)
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    opening.show(options, {**_shown(script), "content": text}, [text.rstrip("\n")])
    return 0


async def _put(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor, filters = opening.command_actor(account), node.services.filters
    try:
        script = await filters.put(actor, account.id, options.name, _octets(options.file))
    except ScriptRefused as error:
        raise opening.CommandError("\n".join(one.sentence() for one in error.problems)) from None
    if options.activate:
        await filters.activate(actor, account.id, script.id)
        script = await filters.find(actor, account.id, options.name)
    opening.show(options, _shown(script), [f"{script.name} is kept{' and active' if script.is_active else ''}."])
    return 0


async def _activate(node: Node, options: argparse.Namespace) -> int:
    script = await _find(node, options, options.name)
    account = await opening.find_account(node, options.address)
    await node.services.filters.activate(opening.command_actor(account), account.id, script.id)
    opening.show(options, {**_shown(script), "active": True}, [f"{script.name} is active."])
    return 0


async def _deactivate(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    await node.services.filters.activate(opening.command_actor(account), account.id, None)
    opening.show(options, {"active": None}, [f"No script of {account.login} is active."])
    return 0


async def _delete(node: Node, options: argparse.Namespace) -> int:
    script = await _find(node, options, options.name)
    account = await opening.find_account(node, options.address)
    await node.services.filters.delete(opening.command_actor(account), account.id, script.id)
    opening.show(options, _shown(script), [f"{script.name} is deleted."])
    return 0


async def _script(node: Node, options: argparse.Namespace) -> bytes:
    """Return the script to try: of a file, of a name, else the active one."""
    if options.script:
        return _octets(options.script)
    account = await opening.find_account(node, options.address)
    actor, filters = opening.command_actor(account), node.services.filters
    if options.name:
        return await filters.content(actor, account.id, (await _find(node, options, options.name)).id)
    active = next((one for one in await filters.list_all(actor, account.id) if one.is_active), None)
    if active is None:
        raise opening.CommandError(f"No script of {account.login} is active. Name one with --name or --script.")
    return await filters.content(actor, account.id, active.id)


async def _test(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    trial = await node.services.filters.trials.run(
        opening.command_actor(account), account.id, await _script(node, options), _octets(options.message),
        sender=options.sender, recipient=options.recipient,
    )  # fmt: skip
    if trial.outcome is None:
        raise opening.CommandError("\n".join(one.sentence() for one in trial.problems))
    outcome = trial.outcome
    actions = [told(one) for one in outcome.actions] or ["throw the message away"]
    steps = [{"line": one.line, "text": one.text} for one in outcome.steps]
    problem = None if outcome.problem is None else outcome.problem.sentence()
    lines = [f"line {one.line:>4}  {one.text}" for one in outcome.steps]
    lines += [f"→ {one}" for one in actions]
    lines += [f"There is no mailbox {name}: the message would stay in the inbox." for name in trial.unknown]
    lines += [problem] if problem else []
    document = {"steps": steps, "actions": actions, "unknownMailboxes": list(trial.unknown), "problem": problem}
    opening.show(options, document, lines)
    return opening.FAILED if problem else 0


def told(action: sieve.Action) -> str:
    """Return what an action does, in words."""
    match action:
        case sieve.Store(place, flags, edition, _):
            where = "keep in the inbox" if place == sieve.INBOX else f"file into {place.mailbox}"
            marks = f", marked {' '.join(flags)}" if flags else ""
            return where + marks + (", changed" if edition else "")
        case sieve.Redirect(address, _, to_list):
            return f"redirect to {'the list ' if to_list else ''}{address}"
        case sieve.Reject(reason, _):
            return f"refuse: {' '.join(reason.split())}"
        case sieve.Reply():
            return f"answer: {' '.join(action.reason.split())[:200]}"
        case sieve.Notify():
            return f"notify {action.method}"


async def _absence(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor, filters = opening.command_actor(account), node.services.filters
    absence = await filters.vacation(actor, account.id)
    if options.off and absence.is_enabled:
        import msgspec

        absence = msgspec.structs.replace(absence, is_enabled=False)
        await filters.set_vacation(actor, account.id, absence)
    document = {
        "enabled": absence.is_enabled, "from": absence.from_date, "to": absence.to_date, "subject": absence.subject,
        "text": absence.text, "html": absence.html is not None,
    }  # fmt: skip
    opening.show(options, document, [f"The reply of {account.login} is {'on' if absence.is_enabled else 'off'}.",
                                     *([absence.text] if absence.text else [])])  # fmt: skip
    return 0


_ACTS = {
    "list": _list, "get": _get, "put": _put, "activate": _activate, "deactivate": _deactivate, "delete": _delete,
    "test": _test, "absence": _absence,
}  # fmt: skip
