"""Policy, groups, holds and credentials on the command line."""

import pytest
from tests.unit.service_import.test_mail_commands import kim, shell  # noqa: F401 -- fixtures

pytestmark = pytest.mark.usefixtures("kim")


def get(shell, kim, knob):  # noqa: F811
    return shell("policy", "explain", kim, knob)["value"]


def test_a_knob_is_set_for_all_and_otherwise_for_some(shell, kim):  # noqa: F811
    assert shell("policy", "set", "door.imap", "off") == {"epoch": 1, "shadowed": []}
    shell("group", "add", "sales")
    shell("group", "join", "sales", kim)
    assert [one["address"] for one in shell("group", "members", "sales")["items"]] == [kim]
    assert get(shell, kim, "door.imap") is False
    shell("policy", "set", "door.imap", "on", "--scope", "group:sales")
    assert [(one["scope"], one["value"]) for one in shell("policy", "list", "--scope", "system")["items"]] == [
        ("system", False)
    ]
    told = shell("policy", "explain", kim, "door.imap")
    assert told["value"] is True
    assert [(one["rule"]["value"], one["why"]) for one in told["rules"]] == [(True, "decides"), (False, "weaker")]
    assert [one["value"] for one in shell("policy", "set", "door.imap", "off")["shadowed"]] == [True]
    shell("policy", "set", "door.imap", "off", "--locked")
    assert get(shell, kim, "door.imap") is False
    assert shell("policy", "explain", kim, "door.imap")["rules"][1]["why"] == "locked out"
    shell("policy", "unset", "door.imap", "--scope", "group:sales")
    assert [one["scope"] for one in shell("policy", "list")["items"]] == ["system"]
    shell("group", "leave", "sales", kim)
    shell("group", "delete", "sales")
    assert shell("group", "list")["items"] == []


def test_mistakes_are_told_with_what_may_be_typed(shell, kim):  # noqa: F811
    assert "did you mean door.imap" in shell("policy", "set", "door.imapp", "off", expect=65)
    assert "on | off" in shell("policy", "set", "door.imap", "maybe", expect=65)
    assert "8…64" in shell("policy", "set", "password.min-length", "3", expect=65)
    assert "LEVEL:NAME" in shell("policy", "set", "door.imap", "off", "--scope", "planet:mars", expect=65)
    assert "no account" in shell("policy", "set", "door.imap", "off", "--scope", "account:x@y.example", expect=66)
    assert "nothing is set" in shell("policy", "unset", "door.imap", expect=66)
    assert "no preset" in shell("policy", "preset", "school", expect=65)
    assert "no knob" in shell("policy", "explain", kim, "door.nowhere", expect=65)
    assert shell("policy", "list")["items"] == []


def test_an_exception_has_an_end(shell, kim):  # noqa: F811
    shell("policy", "set", "door.pop3", "off", "--locked")
    opened = ("policy", "set", "door.pop3", "on", "--scope", f"account:{kim}", "--valid-until")
    assert "in the past" in shell(*opened, "2020-01-01", expect=65)
    shell(*opened, "2199-01-01", "--authority", "system")
    assert get(shell, kim, "door.pop3") is True
    later = ("--valid-from", "2198-01-01", "--valid-until", "2199-01-01")
    shell("policy", "set", "door.smtp", "off", "--scope", f"account:{kim}", *later)
    assert get(shell, kim, "door.smtp") is True


@pytest.mark.parametrize("name", ["finance", "public"])
def test_br_29_a_preset_closes_the_doors_of_programs_and_goes_back(shell, kim, name):  # noqa: F811
    assert {one["name"] for one in shell("policy", "presets")["items"]} == {"general", "finance", "public"}
    shell("policy", "preset", name)
    closed = {door: get(shell, kim, f"door.{door}") for door in ("web", "imap", "pop3", "smtp", "sieve", "jmap")}
    assert closed == {"web": True, "imap": False, "pop3": False, "smtp": False, "sieve": False, "jmap": False}
    assert get(shell, kim, "pop3.dele") == "keep"
    shell("policy", "rollback", "0")
    assert get(shell, kim, "door.imap") is True
    history = shell("policy", "history")["items"]
    assert [(one["epoch"], one["action"], one["actor"]) for one in history] == [
        (2, "policy.return.0", "cli"), (1, f"policy.preset.{name}", "cli"),
    ]  # fmt: skip


def test_holds(shell, kim):  # noqa: F811
    shell("hold", "place", kim, "2026-가-17")
    shell("hold", "place", kim, "other", "--message-id", "7")
    assert [(one["matter"], one["address"], one["messageId"]) for one in shell("hold", "list")["items"]] == [
        ("2026-가-17", kim, 0), ("other", kim, 7),
    ]  # fmt: skip
    shell("hold", "release", kim, "2026-가-17")
    assert "./smartmail hold list shows all" in shell("hold", "release", kim, "2026-가-17", expect=66)


def test_credentials(shell, kim, tmp_path):  # noqa: F811
    made = shell("account", "app-password", kim, "--label", "아이폰", "--door", "imap", "--network", "192.0.2.7/24",
                 "--days", "30")  # fmt: skip
    assert len(made["secret"]) == 29
    assert (made["label"], made["doors"], made["networks"]) == ("아이폰", ["imap"], ["192.0.2.0/24"])
    token = shell("account", "token", kim, "--label", "script", "--scope", "jmap")
    assert token["secret"].startswith("smt_")
    listed = shell("account", "credentials", kim)["items"]
    assert [one["kind"] for one in listed] == ["password", "app", "token"]
    assert not any("secret" in one for one in listed)
    shell("account", "revoke", kim, made["id"])
    assert [one["kind"] for one in shell("account", "credentials", kim)["items"]] == ["password", "token"]
    assert "main password" in shell("account", "revoke", kim, listed[0]["id"], expect=77)
    (tmp_path / "no.pem").write_text("no")
    assert "no PEM" in shell("account", "certificate", kim, tmp_path / "no.pem", expect=1)
    assert "range" in shell("account", "token", kim, "--label", "x", "--network", "moon", expect=1)
    assert shell("account", "sessions", kim)["items"] == []
    shell("account", "end-session", kim, "ab", expect=66)
    assert shell("account", "logins", kim)["items"] == []
