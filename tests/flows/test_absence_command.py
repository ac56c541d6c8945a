"""`./smartmail absence …`, `leaver rehire`, `person transfer --mailbox`, `organization merge|close-domain`, `destruction domain`."""

from tests.flows.test_leaver_command import BOSS, KIM, LEE, smartmail

__all__ = ["smartmail"]


def test_somebody_is_away_and_back(smartmail):
    assert smartmail("absence", "list")["items"] == []
    begun = smartmail(
        "absence", "begin", KIM, "--kind", "leave", "--until", "2099-03-01", "--mail", "forward",
        "--substitute", LEE, "--reason", "육아휴직",
    )  # fmt: skip
    assert (begun["account"]["address"], begun["account"]["state"]) == (KIM, "suspended")
    shown = smartmail("absence", "show", KIM)
    assert (shown["kind"], shown["reason"], shown["shut"]) == ("leave", "육아휴직", True)
    assert (shown["until"], shown["substitute"] is not None) == ("2099-02-28T15:00:00Z", True)
    assert [one["address"] for one in smartmail("absence", "list")["items"]] == [KIM]
    assert smartmail("absence", "end", KIM)["account"]["state"] == "active"
    assert "they are not away" in smartmail("absence", "end", KIM)
    assert "last administrator" in smartmail("absence", "begin", BOSS, "--kind", "leave")
    planned = smartmail("absence", "begin", KIM, "--kind", "secondment", "--no-shut", "--at", "2099-12-01")
    waiting = smartmail("person", "planned")["items"]
    assert [(one["id"], one["kind"]) for one in waiting] == [(planned["plannedId"], "away")]


def test_a_leaver_is_taken_on_again(smartmail):
    smartmail("leaver", "leave", KIM)
    back = smartmail("leaver", "rehire", KIM, "--employee-number", "7")["account"]
    assert (back["address"], back["state"]) == (KIM, "active")
    assert smartmail("person", "show", KIM)["employeeNumber"] == "7"
    assert "they are here" in smartmail("leaver", "rehire", KIM)


def test_companies_merge_and_a_domain_is_destroyed(smartmail):
    smartmail("organization", "add", "무역")
    smartmail("domain", "add", "trade.example", "--organization", "무역")
    smartmail("person", "transfer", KIM, "kim@trade.example", "--mailbox")
    looked = smartmail("organization", "merge", "무역", "a.example")
    assert looked["clashes"] == [{"address": "kim@trade.example", "becomes": "kim2@a.example"}]
    assert (looked["people"], looked["done"]) == (1, 0)
    assert smartmail("organization", "merge", "무역", "a.example", "--apply")["done"] == 1
    why = ("--ground", "합병", "--reason", "합병으로 보관 근거가 없음")
    assert smartmail("destruction", "preview-domain", "trade.example")["isClosed"] is False
    assert "close it first" in smartmail("destruction", "domain", "trade.example", *why)
    smartmail("organization", "close-domain", "trade.example")
    looked = smartmail("destruction", "preview-domain", "trade.example")
    assert (looked["accounts"], looked["open"], looked["held"]) == (1, [], [])
    assert smartmail("destruction", "domain", "trade.example", *why)["waits"] is False
    [entry] = smartmail("destruction", "list", "--organization", "무역")["items"]
    assert (entry["subject"], entry["kind"]) == ("domain:trade.example", "domain")
