"""`./smartmail bulletin …` from the command line."""

from tests.flows.test_addressing_commands import KIM, LEE, documents, smartmail

__all__ = ["smartmail"]
WHEN = ("--shown-from", "0m", "--shown-until", "7d")


def test_a_bulletin_by_command_from_its_publishing_to_its_removal(smartmail):
    place = ("--place", "organization:test")
    made = documents(smartmail, "bulletin", "new", "서버 점검", "--body", "토요일 02:00", "--must-read", *place, *WHEN)
    number = made["id"]
    assert (made["title"], made["placeName"], made["body"]) == ("서버 점검", "test", "토요일 02:00")
    assert (made["shown"], made["pinned"], made["popup"], made["mustRead"]) == (True, True, False, True)
    code, out, _ = smartmail("bulletin", "list")
    assert (code, out.split("\n")[1].split()[-4:]) == (0, ["yes", "no", "yes", "no"])
    changed = documents(smartmail, "bulletin", "set", number, "--title", "점검 연기", "--popup", "--show-again")
    assert (changed["title"], changed["body"], changed["popup"]) == ("점검 연기", "토요일 02:00", True)
    assert [one["address"] for one in documents(smartmail, "bulletin", "readers", number)["items"]] == [KIM, LEE]
    assert smartmail("bulletin", "unread", number, "--reason", "짧음")[0] == 65
    code, out, _ = smartmail("bulletin", "unread", number, "--reason", "안전교육 미확인자 안내")
    assert code == 0
    assert [line.split(",")[2] for line in out.splitlines()[1:]] == [KIM, LEE]
    assert not documents(smartmail, "bulletin", "end", number)["shown"]
    assert "점검 연기" in smartmail("bulletin", "show", number)[1]
    assert smartmail("bulletin", "remove", number)[0] == 0
    assert smartmail("bulletin", "show", number)[0] == 66


def test_what_is_wrong_is_said(smartmail):
    assert smartmail("bulletin", "show", "x")[0] == 66
    assert smartmail("bulletin", "new", "t")[0] == 64
    assert smartmail("bulletin", "new", "t", "--place", f"account:{KIM}", *WHEN)[0] == 65
    past = ("--shown-from", "0m", "--shown-until", "2001-01-01")
    assert smartmail("bulletin", "new", "t", "--place", "organization:test", *past)[0] == 65
