"""Every rule of the Sieve RFCs as a case: `cases/*.txt`, whose format `case_file` describes.

FACTS of a case:  @from @to @auth (envelope) · @now SECONDS-or-ISO · @zone +0900 · @environment NAME=VALUE · @spam PERCENT ·
@virus 0…5 · @country @asn @hops · @mailbox NAME · @id ID NAME · @special \\Use NAME · @metadata MAILBOX|ENTRY=VALUE ·
@server ENTRY=VALUE · @list NAME: MEMBER, MEMBER · @seen KEY (with | for the divider) · @limit NAME=NUMBER ·
@octets N (the size of the message, of which only the written part is at hand)
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tests.sieve.case_file import Case, read_cases
from tests.sieve.telling import lines_of

from smartmail.proto import sieve
from smartmail.proto.sieve import Code, Include, Program, WholeMessage

FOLDER = Path(__file__).parent / "cases"
CASES = [case for path in sorted(FOLDER.glob("*.txt")) for case in read_cases(path)]
NOW = int(datetime.fromisoformat("2026-11-26T12:34:56+09:00").timestamp())


class Account:
    """Surroundings that a case describes."""

    def __init__(self) -> None:
        self.mailboxes = {"INBOX"}
        self.ids: dict[str, str] = {}
        self.special: dict[str, str] = {}
        self.entries: dict[tuple[str | None, str], str] = {}
        self.lists: dict[str, list[str]] = {}
        self.seen: set[str] = set()

    def mailbox_exists(self, name: str) -> bool:
        return name in self.mailboxes

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        return mailbox_id in self.ids

    def special_use_exists(self, mailbox: str | None, uses: Sequence[str]) -> bool:
        return all(use in self.special and mailbox in {None, self.special[use]} for use in uses)

    def metadata(self, mailbox: str | None, annotation: str) -> str | None:
        return self.entries.get((mailbox, annotation))

    def has_list(self, name: str) -> bool:
        return name in self.lists

    def in_list(self, name: str, value: str) -> bool:
        return value.lower() in self.lists[name]

    def is_duplicate(self, key: str) -> bool:
        return key in self.seen


class Setting:
    """All that a run gets beside program and message."""

    def __init__(self, case: Case) -> None:
        self.envelope = sieve.Envelope("kim@b.example", "park@a.example")
        self.facts = sieve.Facts(NOW, 540)
        self.around = Account()
        self.limits = sieve.DEFAULT_LIMITS
        octets = case.message.encode("utf-8", "surrogateescape")
        self.message = WholeMessage.of(octets)
        for word, value in case.facts:
            getattr(self, f"set_{word}")(value)

    def set_from(self, value: str) -> None:
        self.envelope = replace(self.envelope, sender=value)

    def set_to(self, value: str) -> None:
        self.envelope = replace(self.envelope, recipient=value)

    def set_auth(self, value: str) -> None:
        self.envelope = replace(self.envelope, auth=value)

    def set_now(self, value: str) -> None:
        now = int(value) if value.lstrip("-").isdigit() else int(datetime.fromisoformat(value).timestamp())
        self.facts = replace(self.facts, now=now)

    def set_zone(self, value: str) -> None:
        minutes = int(value[1:3]) * 60 + int(value[3:])
        self.facts = replace(self.facts, zone=-minutes if value[0] == "-" else minutes)

    def set_environment(self, value: str) -> None:
        name, _, text = value.partition("=")
        self.facts = replace(self.facts, environment={**self.facts.environment, name: text})

    def set_spam(self, value: str) -> None:
        self.facts = replace(self.facts, spam_percent=int(value))

    def set_virus(self, value: str) -> None:
        self.facts = replace(self.facts, virus=int(value))

    def set_country(self, value: str) -> None:
        self.facts = replace(self.facts, country=value)

    def set_asn(self, value: str) -> None:
        self.facts = replace(self.facts, asn=int(value))

    def set_hops(self, value: str) -> None:
        self.facts = replace(self.facts, hops=int(value))

    def set_mailbox(self, value: str) -> None:
        self.around.mailboxes.add(value)

    def set_id(self, value: str) -> None:
        number, _, name = value.partition(" ")
        self.around.ids[number] = name

    def set_special(self, value: str) -> None:
        use, _, name = value.partition(" ")
        self.around.special[use] = name

    def set_metadata(self, value: str) -> None:
        mailbox, _, rest = value.partition("|")
        entry, _, text = rest.partition("=")
        self.around.entries[mailbox, entry] = text

    def set_server(self, value: str) -> None:
        entry, _, text = value.partition("=")
        self.around.entries[None, entry] = text

    def set_list(self, value: str) -> None:
        name, _, members = value.partition(": ")
        self.around.lists[name] = [one.strip() for one in members.split(",")]

    def set_seen(self, value: str) -> None:
        self.around.seen.add(value.replace("|", "\0"))

    def set_limit(self, value: str) -> None:
        name, _, number = value.partition("=")
        self.limits = replace(self.limits, **{name: int(number)})

    def set_octets(self, value: str) -> None:
        self.message = replace(self.message, size=int(value))


def compiled(script: str) -> tuple[Code | None, list[str]]:
    code, problems = sieve.compile_script(script.encode("utf-8", "surrogateescape"))
    return code, [f"refused {one.line}:{one.column} {one.key}" for one in problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case):
    assert case.result, f"{case.file}:{case.line} has no result"
    code, refused = compiled(case.script)
    if code is None:
        assert refused == case.result
        return
    # What compiles also survives being written out and read again.
    tree = sieve.parse(case.script.encode("utf-8", "surrogateescape"))
    assert sieve.parse(sieve.write(tree).encode()) == tree
    included = {}
    for name, script in case.included.items():
        location, _, plain = name.rpartition(":")
        other, problems = compiled(script)
        assert other is not None, problems
        included[Include(location or "personal", plain)] = other
    setting = Setting(case)
    outcome = sieve.run_program(
        Program(code, included), setting.message, setting.envelope, setting.facts, setting.around, setting.limits
    )
    assert lines_of(outcome, case.result) == case.result
    for number, text in case.editions.items():
        assert outcome.editions[number - 1].octets.decode("utf-8", "surrogateescape") == text
    assert len(outcome.editions) == max(case.editions, default=len(outcome.editions))


def test_there_is_a_case_for_every_word():
    """Commands, tests, tags and extensions: each is used by a case that compiles."""
    from smartmail.proto.sieve.registry import COMMANDS, EXTENSIONS, TESTS

    text = "\n".join(part for case in CASES for part in (case.script, *case.included.values()))
    words = set(re.findall(r"[a-z_0-9]+", text.lower()))
    tags = set(re.findall(r":([a-z]+)", text.lower()))
    named = {tag for spec in (*COMMANDS.values(), *TESTS.values()) for tag in spec.tags}
    assert set(COMMANDS) | set(TESTS) <= words
    assert named <= tags
    assert {name for name in EXTENSIONS if f'"{name}"' not in text} == set()


def test_there_is_a_case_for_every_problem():
    """Each key of the catalogue comes out of a case, except those of the server around the interpreter."""
    import json

    from smartmail.app import catalogues

    keys = json.loads((Path(catalogues.__file__).parent / "en.json").read_text("utf-8"))
    known = {key.removeprefix("sieve.") for key in keys if key.startswith("sieve.")}
    shown = {line.split()[-1] for case in CASES for line in case.result if line.startswith(("refused ", "problem "))}
    assert shown - known == {"error"}, "the words of a script's own error command are no text of ours"
    outside = {"no-mailbox", "mailbox-not-made", "redirect-loop", "redirect-policy", "copy-not-kept", "list-size"}
    assert known - shown == {"at", "internal", *outside}
