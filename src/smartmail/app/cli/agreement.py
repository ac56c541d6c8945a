"""Texts that people agree to before anything is served to them: publish, list, given.

A new version of a text is asked of everybody again. Nothing is served before a consent where policy says so:
./smartmail policy set consent.required on
"""

import argparse
import csv
import io
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, shown
from smartmail.app.node import Node
from smartmail.base.i18n import LANGUAGES

HELP = "texts that people agree to before their mail is served"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    publish = add_act(acts, "publish", "publish the next version of a text", "NAME")
    publish.add_argument(
        "--text", action="append", required=True, metavar="LANGUAGE=FILE",
        help=f"the text in a language ({', '.join(LANGUAGES)}); may be repeated",
    )  # fmt: skip
    for act in (
        publish,
        add_act(acts, "list", "show texts and their versions"),
        add_act(acts, "given", "show who agreed to which version, when and from where, as CSV"),
    ):
        act.add_argument("--organization", metavar="NAME", help="whose texts, where there are several")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"publish": _publish, "list": _list, "given": _given}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _publish(node: Node, options: argparse.Namespace) -> int:
    organization = await node.services.governing.organization(options.organization)
    version = await node.services.consents.publish(CLI, organization.id, options.name, _texts(options.text))
    opening.show(
        options, {"name": options.name, "version": version},
        [f"{options.name} has version {version}. Everybody of {organization.name} is asked for it."],
    )  # fmt: skip
    return 0


def _texts(given: list[str]) -> dict[str, str]:
    texts = {}
    for one in given:
        language, _, place = one.partition("=")
        if not place:
            raise opening.CommandError(f"{one}: write it as ko=privacy.txt")
        try:
            texts[language] = Path(place).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise opening.CommandError(f"{place} cannot be read ({error}).") from None
    return texts


async def _list(node: Node, options: argparse.Namespace) -> int:
    document, rows = [], []
    for organization in await organizations(node, options.organization):
        for one in await node.services.consents.texts(CLI, organization.id):
            document.append({"name": one.name, "version": one.version, "language": one.language, "text": one.text})
            size = f"{len(one.text)} characters"
            rows.append((organization.name, one.name, str(one.version), one.language, shown(one.at), size))
    header = ("ORGANIZATION", "NAME", "VERSION", "LANGUAGE", "PUBLISHED", "LENGTH")
    opening.show(options, document, opening.table(header, rows))
    return 0


async def _given(node: Node, options: argparse.Namespace) -> int:
    document = []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("login", "name", "version", "at", "address"))
    for organization in await organizations(node, options.organization):
        for one in await node.services.consents.given(CLI, organization.id):
            document.append(
                {"login": one.login, "name": one.name, "version": one.version, "at": one.at, "address": one.address}
            )
            writer.writerow((one.login, one.name, one.version, shown(one.at), one.address))
    opening.show(options, document, out.getvalue().splitlines())
    return 0
