"""Staged changes, rehearsals and what holds for a person on the command line."""

import pytest
from tests.unit.service_import.test_mail_commands import kim, shell  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("kim")


def test_a_change_is_rehearsed_staged_shown_and_applied(shell, kim):  # noqa: F811
    told = shell("policy", "rehearse", "door.imap=off", "vault.days=90")
    assert (told["accounts"], told["changed"], told["byKnob"]) == (1, 1, {"door.imap": 1, "vault.days": 1})
    assert told["pastDecisions"] == 0
    made = shell("policy", "stage", "door.imap=off", "vault.days=90", "--reason", "why")
    assert (made["state"], made["epoch"]) == ("draft", None)
    assert shell("policy", "rehearse", "--change", made["id"])["changed"] == 1
    assert shell("policy", "submit", made["id"], "--ask")["state"] == "proposed"
    assert shell("policy", "approve", made["id"])["epoch"] == 1
    assert shell("policy", "get", "door.imap", kim)["value"] is False
    again = shell("policy", "stage", "--unset", "vault.days", "--reason", "why")
    shell("policy", "submit", again["id"])
    assert [one["state"] for one in shell("policy", "changes")] == ["active", "active"]
    shell("policy", "return", "0")
    assert shell("policy", "get", "vault.days")["value"] == 30


def test_a_preset_is_staged_with_what_it_takes_back(shell, kim):  # noqa: F811
    shell("policy", "set", "sieve.scripts", "off")
    made = shell("policy", "stage", "--preset", "finance", "--reason", "why")
    assert len(made["begin"]) >= 40
    assert [one["knob"] for one in made["unset"]] == ["sieve.scripts"]
    shell("policy", "submit", made["id"])
    assert shell("policy", "get", "sieve.scripts", kim)["value"] is True
    effective = shell("policy", "effective", kim)["knobs"]
    assert len(effective) >= 60
    assert effective["door.imap"] == {"value": False, "from": "system"}
    assert effective["sieve.scripts"]["from"] == "default"


def test_changes_are_refused_withdrawn_and_mistakes_are_told(shell):  # noqa: F811
    for act, ask in (("refuse", ["--ask"]), ("withdraw", [])):
        made = shell("policy", "stage", "vault.days=90", "--reason", "why", "--at", "2099-01-01T00:00")
        shell("policy", "submit", made["id"], *ask)
        assert shell("policy", act, made["id"])["state"] in {"refused", "withdrawn"}
        assert "the change is" in shell("policy", act, made["id"], expect=1)
    assert "KNOB=VALUE" in shell("policy", "stage", "vault.days", "--reason", "why", expect=1)
    assert "name what to change" in shell("policy", "rehearse", expect=1)
    assert "no preset" in shell("policy", "rehearse", "--preset", "school", expect=1)


def test_what_is_full_and_what_retention_would_take(shell, kim):  # noqa: F811
    assert shell("policy", "near") == []
    assert shell("policy", "retention") == []
    assert shell("policy", "retention", "--inbox", "30") == []
    assert shell("policy", "acks")["processes"] == []
