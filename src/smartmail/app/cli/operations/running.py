"""Declares the commands of a noun, and runs the one that was given."""

import argparse
import base64
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import msgspec

from smartmail.app.cli import exits, opening
from smartmail.app.cli.acting import CLI
from smartmail.app.cli.operations import naming, waiting
from smartmail.app.cli.operations.calling import Local
from smartmail.app.cli.operations.fields import Field, declare, fields_of, given, words_of
from smartmail.app.cli.operations.rendering import lines_of
from smartmail.app.cli.operations.words import Command, commands_under
from smartmail.app.node import Node
from smartmail.base.i18n import FALLBACK, LANGUAGES
from smartmail.domain.errors import MailError
from smartmail.edge.httpd.admin import problems
from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.admin.problems import Refused
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.serving import AdminApi
from smartmail.edge.httpd.admin.table import OPERATIONS

_PLACE: Final = re.compile(r" - at `\$\.(\w+(?:\.\w+)*)[^`]*`")
_TAKEN: Final = frozenset({"data", "config", "key", "json", "language", "organization", "limit", "help"})
"""Options that every command has; a field of such a name is called `--NOUN-name`."""


def add_acts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", noun: str) -> None:
    """Declare the commands of a noun that operations are."""
    for verb, command in commands_under(noun, OPERATIONS).items():
        # The summary is the line of the overview, the texts of the types the help of the command.
        fixed = ", ".join(f"{name}: {value}" for name, value in command.fixed.items() if value)
        text = f"{command.operation.summary[:-1]} ({fixed})." if fixed else command.operation.summary
        parser = acts.add_parser(verb, help=text.replace("%", "%%"), description=_described(command))
        parser.set_defaults(command=command)
        _declare(parser, command)


def _described(command: Command) -> str:
    kinds = (command.operation.query, command.operation.body)
    texts = (" ".join((kind.__doc__ or "").split()) for kind in kinds if kind is not None)
    return "\n\n".join((command.operation.summary, *(text for text in texts if text))).replace("%", "%%")


def _declare(parser: argparse.ArgumentParser, command: Command) -> None:
    operation = command.operation
    opening.add_arguments(parser)
    parser.add_argument("--language", choices=LANGUAGES, default=FALLBACK, help=f"of messages ({FALLBACK})")
    parser.add_argument("--organization", metavar="NAME", help="whose, where there are several")
    for name in operation.places:
        word = operation.path.split("/")[1].removesuffix("s") if name == "id" else name
        parser.add_argument(f"path.{name}", metavar=words_of(word).upper(), help="id or name" if name == "id" else "")
    _declare_fields(parser, command, command.query, "query")
    _declare_fields(parser, command, command.body, "body")
    if command.subject:
        parser.add_argument("--all", action="store_true", help="everything, without any of these marks")
    if operation.changes and "reason" not in {one.name for one in command.body}:
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; kept sealed with the record of the act")
    if operation.paged:
        parser.add_argument("--limit", type=int, default=0, metavar="N", help="at most so many (all)")
    if operation.answer is Task and operation.status == 202:
        parser.add_argument("--wait", action="store_true", help="until it is done; exit code 1 when it is not good")
    if operation.stream or _file_of(command) is not None:
        parser.add_argument("--output", metavar="FILE", help="where to (standard output)")


def _declare_fields(parser: argparse.ArgumentParser, command: Command, fields: Iterable[Field], place: str) -> None:
    fields = [*fields]
    order = {name: at for at, name in enumerate(command.arguments)}
    for one in sorted(fields, key=lambda each: order.get(each.path, len(order))):
        word = f"{command.noun}-{one.words}" if one.words in _TAKEN else one.words
        declare(parser, one, f"{place}.{one.path}", "" if one.path in order else f"--{word}")


def run(options: argparse.Namespace) -> int:
    """Do what was asked; return the exit code."""
    return opening.perform(options, lambda node: _run(node, options))


async def _run(node: Node, options: argparse.Namespace) -> int:
    command: Command = options.command
    try:
        body = await _called(node, options, command)
    except (MailError, Refused) as error:
        raise _explained(error, options, command) from None
    code = exits.OK
    if vars(options).get("wait"):
        row = await node.store.job(int(msgspec.json.decode(body)["id"]))
        assert row is not None
        jobs = node.services.admin_api.jobs
        task = await waiting.ended(jobs, row.organization_id, row.id, shown=not options.json)
        body, code = msgspec.json.encode(task), exits.OK if waiting.is_good(task) else exits.FAILED
    if command.operation.stream:
        _write(options, body)
    elif (file := _file_of(command)) is not None and not options.json:
        _write(options, base64.b64decode(msgspec.json.decode(body)[file.name]))
    elif options.json:
        document = None if not body else msgspec.json.decode(body)
        print(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())
    else:
        document = msgspec.json.decode(body) if body else None
        print("\n".join(lines_of(command.operation.answer, command.operation.columns, document)))
    return code


def _file_of(command: Command) -> Field | None:
    """Return the field of the answer that holds a file in base64."""
    return next((one for one in fields_of(command.operation.answer) if one.is_file), None)


def _explained(error: MailError | Refused, options: argparse.Namespace, command: Command) -> opening.CommandError:
    """Return what to say of an error: the API's title in the chosen language, its detail, and where to look."""
    problem = problems.document_of(error, "", options.language)
    # The API says no more than "not found"; who has this host may read the rest.
    detail = problem.detail or getattr(error, "public", "") or error.detail
    text = ": ".join(part for part in (problem.title, _as_typed(detail, command)) if part)
    if error.code == "not_found" and "list" in commands_under(command.noun, OPERATIONS):
        text = f"{text}. ./smartmail {command.noun} list shows all"
    return opening.CommandError(f"{text}.", exits.of(error.code))


def _as_typed(detail: str, command: Command) -> str:
    """Name what was typed where the API names a field of its document (msgspec: "... - at `$.name`")."""
    words = {one.path: one.words for one in (*command.query, *command.body)}

    def typed(match: re.Match[str]) -> str:
        name = match[1]
        return f" ({name.upper() if name in command.arguments else f'--{words.get(name, name)}'})"

    return _PLACE.sub(typed, detail)


async def _called(node: Node, options: argparse.Namespace, command: Command) -> bytes:
    operation, values = command.operation, vars(options)
    home = await naming.organization_of(node, options.organization, _account_named(command, values))
    site = f"https://{node.settings.file.names.app}:{node.settings.ports()['https'] or 443}"
    api = AdminApi(node.services, OPERATIONS, AdminLimits(), site)
    local = Local(api, replace(CLI, organization_id=home), options.language)
    path = {
        name: await naming.place_of(node, local, operation, name, values[f"path.{name}"]) for name in operation.places
    }
    query = await _fields(node, local, command, values, "query")
    if operation.paged:
        return await local.whole(operation, path, query, options.limit)
    body = await _fields(node, local, command, values, "body")
    return await local.call(operation, path, query, body, getattr(options, "reason", ""))


def _account_named(command: Command, values: dict[str, Any]) -> str | None:
    """Return the first account that was named, None where none was."""
    places = [f"path.{name}" for name in command.operation.places if naming.names_account(command.operation, name)]
    places += [f"query.{one.path}" for one in command.query if one.names_account]
    places += [f"body.{one.path}" for one in command.body if one.names_account]
    return next((values[place] for place in places if values.get(place)), None)


async def _fields(node: Node, local: Local, command: Command, values: dict[str, Any], place: str) -> dict[str, Any]:
    """Return query or body: what was given, and what the command fixes."""
    fields = command.body if place == "body" else command.query
    found = given(fields, values, place)
    if place == "body" and command.subject and not found.get(command.subject):
        if not values["all"]:
            raise opening.CommandError("Say which, as --help shows it, or --all.", exits.USAGE)
        found[command.subject] = {}
    for one in fields:
        where = found.get(one.inside, {}) if one.inside else found
        if one.names_account and one.name in where:
            where[one.name] = await naming.account_id(node, where[one.name])
        if one.names == "scope" and one.name in where:
            where[one.name] = await naming.scope_of(node, where[one.name])
        if one.names.startswith("/") and one.name in where:
            where[one.name] = await naming.thing_of(local, one.names, where[one.name])
    kind = command.operation.body if place == "body" else command.operation.query
    known = set() if kind is None else {one.encode_name for one in msgspec.structs.fields(kind)}
    return {**found, **{name: _fixed(text) for name, text in command.fixed.items() if name in known}}


def _fixed(text: str) -> Any:
    return {"true": True, "false": False, "null": None}.get(text, text)


def _write(options: argparse.Namespace, octets: bytes) -> None:
    if options.output is None:
        sys.stdout.buffer.write(octets)
        return
    try:
        # What is taken out is for who took it alone, and takes no other file's place.
        with open(options.output, "xb", opener=_private) as file:
            file.write(octets)
    except OSError as error:
        raise opening.CommandError(f"{options.output} cannot be written: {error.strerror}.") from None
    print(f"{options.output}: {len(octets)} bytes")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
