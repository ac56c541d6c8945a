"""Staged changes, rehearsals and what holds for a person on the command line."""

import pytest
from tests.unit.service_import.test_mail_commands import kim, shell  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("kim")


def test_a_change_is_rehearsed_staged_shown_and_applied(shell, kim):  # noqa: F811
    told = shell("policy", "rehearse", "door.imap=off", "vault.days=90")
    assert (told["accounts"], told["changed"], told["byKnob"]) == (1, 1, {"door.imap": 1, "vault.days": 1})
    assert told["decisions"] == 0
    made = shell("policy", "stage", "door.imap=off", "vault.days=90", "--reason", "why")
    assert made["state"] == "draft"
    assert shell("policy", "rehearse", "--change", made["id"])["changed"] == 1
    lines = shell("policy", "difference", made["id"])["items"]
    assert [(one["knob"], one["before"], one["after"]) for one in lines] == [
        ("door.imap", None, False), ("vault.days", None, 90),
    ]  # fmt: skip
    assert shell("policy", "submit", made["id"], "--ask")["state"] == "proposed"
    assert shell("policy", "approve", made["id"])["state"] == "active"
    assert shell("policy", "explain", kim, "door.imap")["value"] is False
    again = shell("policy", "stage", "--unset", "vault.days", "--reason", "why")
    shell("policy", "submit", again["id"])
    assert [one["state"] for one in shell("policy", "changes")["items"]] == ["active", "active"]
    shell("policy", "rollback", "0")
    assert shell("policy", "list")["items"] == []


def test_a_preset_is_staged_with_what_it_takes_back(shell, kim):  # noqa: F811
    shell("policy", "set", "sieve.scripts", "off")
    made = shell("policy", "stage", "--preset", "finance", "--reason", "why")
    change = shell("policy", "change", made["id"])
    assert len(change["begin"]) >= 40
    assert change["unset"] == ["sieve.scripts system"]
    shell("policy", "submit", made["id"])
    effective = {one["knob"]: one for one in shell("policy", "effective", kim)["items"]}
    assert len(effective) >= 60
    assert (effective["door.imap"]["value"], effective["door.imap"]["level"]) == (False, "system")
    assert (effective["sieve.scripts"]["value"], effective["sieve.scripts"]["level"]) == (True, "")


def test_changes_are_refused_withdrawn_and_mistakes_are_told(shell):  # noqa: F811
    for act, ask, state in (("refuse", ["--ask"], "refused"), ("withdraw", [], "withdrawn")):
        made = shell("policy", "stage", "vault.days=90", "--reason", "why", "--at", "2099-01-01T00:00")
        shell("policy", "submit", made["id"], *ask)
        shell("policy", act, made["id"])
        assert shell("policy", "change", made["id"])["state"] == state
        assert "the change is" in shell("policy", act, made["id"], expect=75)
    assert "KNOB=VALUE" in shell("policy", "stage", "vault.days", "--reason", "why", expect=1)
    assert "name what to change" in shell("policy", "rehearse", expect=1)
    assert "no preset" in shell("policy", "rehearse", "--preset", "school", expect=1)


def test_what_is_full_and_what_retention_would_take(shell, kim):  # noqa: F811
    assert shell("policy", "near") == []
    assert shell("policy", "retention") == []
    assert shell("policy", "retention", "--inbox", "30") == []
    assert shell("policy", "rollout")["processes"] == 0
