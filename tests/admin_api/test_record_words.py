"""Every code that a record may have is told in words by the admin web, in each of its languages."""

import ast
import functools
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z_-]+(\.[a-z_-]+)*")
CATALOGUES = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "web/i18n/admin").glob("*.json"))}
MADE = {
    "access.list", "access.read", "access.write", "access.delete", "access.export", "access.profile", "access.people",
    "access.break-glass.open", "access.break-glass.close", "access-rule.new", "access-rule.end", "account.destroy",
    "account.extension-ask", "account.extension-grant", "account.extension-refuse", "account.sponsor",
    "account.temporary", "approval.approved", "approval.rejected", "approval.expired", "approval.withdrawn", "approval.released",
    "approval.voted", "approval.escalated", "approval.kept", "approval.people", "case.confirmed",
    "case.dismissed", "database.check", "database.optimise", "geo.trust-relay", "geo.remove-relay", "group.join",
    "key.reseal-cancel", "pass.granted", "pass.refused", "pass.withdrawn", "policy.set.door.imap",
    "policy.unset.door.imap", "policy.preset.public", "policy.return.7", "quarantine.delete", "quarantine.release",
    "queue.retry", "queue.hold", "queue.release", "queue.reroute", "queue.delete", "sender.allow", "sender.block",
    "sender.remove", "sending.resume", "trust.authority_added", "trust.authority_removed", "trust.rule",
    "trust.source_allowed", "trust.source_forbidden", "update.apply", "update.back", "volume.pause", "volume.resume",
}  # fmt: skip
"""Codes that are put together when they are written."""


@functools.cache
def codes() -> set[str]:
    """Codes that stand in a call that makes a record."""
    found = set(MADE)
    for path in (ROOT / "src/smartmail").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name == "AuditRecord" or "record" in name.lower() or "audit" in name.lower():
                found |= {code for given in node.args for code in named(given) if CODE.fullmatch(code)}
    return found


def named(given: ast.expr) -> set[str]:
    """Whole texts of an argument, not the pieces of those that are put together."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return {given.value}
    if isinstance(given, ast.IfExp):
        return named(given.body) | named(given.orelse)
    return set()


def is_told(words: dict[str, object], code: str) -> bool:
    """As `actionWords` of the admin web finds them: a whole sentence (`said.`) heads no panel."""
    thing, *rest = code.split(".")
    if f"record.{code}" in words:
        return True
    if thing == "login":
        return f"login.{rest[0]}" in words
    done = any(f"recordDone.{'.'.join(rest[:length])}" in words for length in range(1, len(rest) + 1))
    return done and f"recordOf.{thing}" in words


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_code_has_words(language: str) -> None:
    known = codes()
    assert len(known) > 250
    assert sorted(code for code in known if not is_told(CATALOGUES[language], code)) == []


def test_what_people_filter_by_is_all_there_is() -> None:
    text = (ROOT / "web/admin/src/resources/record-words.ts").read_text()
    listed = set(re.findall(r"'([a-z-]+)'", text[text.index("THINGS = [") : text.index("] as const")]))
    assert {code.split(".")[0] for code in codes()} <= listed
    assert {key.removeprefix("recordOf.") for key in CATALOGUES["ko"] if key.startswith("recordOf.")} - {
        "any"
    } == listed
