"""`./smartmail absence …`, `leaver rehire`, `person transfer --mailbox`, `organization merge|close-domain`, `destruction domain`."""

from tests.flows.test_leaver_command import BOSS, KIM, LEE, smartmail

__all__ = ["smartmail"]


def test_somebody_is_away_and_back(smartmail):
    assert "is here" not in str(smartmail("absence", "list"))
    begun = smartmail(
        "absence",
        "begin",
        KIM,
        "--until",
        "2099-03-01",
        "--mail",
        "forward",
        "--substitute",
        LEE,
        "--reason",
        "육아휴직",
    )
    assert begun == {"login": KIM, "state": "suspended"}
    shown = smartmail("absence", "show", KIM)
    assert (shown["kind"], shown["substitute"], shown["reason"], shown["shut"]) == ("leave", LEE, "육아휴직", True)
    assert [one["login"] for one in smartmail("absence", "list")] == [KIM]
    assert smartmail("absence", "end", KIM)["state"] == "active"
    assert "they are not away" in smartmail("absence", "end", KIM)
    assert "last administrator" in smartmail("absence", "begin", BOSS)
    planned = smartmail("absence", "begin", KIM, "--kind", "secondment", "--open", "--on", "2099-12-01")
    assert [(one["id"], one["what"]) for one in smartmail("person", "planned")] == [(planned["change"], "away")]


def test_a_leaver_is_taken_on_again(smartmail):
    smartmail("leaver", "leave", KIM)
    assert smartmail("leaver", "rehire", KIM, "--number", "7") == {"login": KIM, "state": "active"}
    assert smartmail("person", "show", KIM)["employeeNumber"] == "7"
    assert "they are here" in smartmail("leaver", "rehire", KIM)


def test_companies_merge_and_a_domain_is_destroyed(smartmail):
    smartmail("organization", "add", "무역")
    smartmail("domain", "add", "trade.example", "--organization", "무역")
    smartmail("person", "transfer", KIM, "kim@trade.example", "--mailbox")
    looked = smartmail("organization", "merge", "무역", "a.example")
    assert looked["clashes"] == [{"login": "kim@trade.example", "becomes": "kim2@a.example"}]
    assert (looked["people"], looked["done"]) == (1, 0)
    assert smartmail("organization", "merge", "무역", "a.example", "--apply")["done"] == 1
    why = ("--ground", "합병", "--reason", "합병으로 보관 근거가 없음")
    assert "is not closed" in smartmail("destruction", "domain", "trade.example", *why)
    assert smartmail("organization", "close-domain", "trade.example")["state"] == "closed"
    done = smartmail("destruction", "domain", "trade.example", *why, "--yes")
    assert done["accounts"] == 1
    [entry] = smartmail("destruction", "list")
    assert (entry["subject"], entry["kind"]) == ("domain:trade.example", "domain")
