"""`./smartmail bulletin …` from the command line."""

from tests.flows.test_addressing_commands import KIM, LEE, documents, smartmail

__all__ = ["smartmail"]


def test_a_bulletin_by_command_from_its_publishing_to_its_removal(smartmail, tmp_path):
    words = tmp_path / "notice.txt"
    words.write_text("토요일 02:00–04:00\n", "utf-8")
    made = documents(smartmail, "bulletin", "new", "서버 점검", "--text", str(words), "--must-read")
    number = str(made["number"])
    assert (made["title"], made["for"], made["body"]) == ("서버 점검", "test", "토요일 02:00–04:00")
    assert (made["shown"], made["pinned"], made["popup"], made["must_read"]) == (True, True, False, True)
    code, out, _ = smartmail("bulletin", "list")
    assert code == 0
    assert "pinned, must-read" in out
    changed = documents(smartmail, "bulletin", "change", number, "--title", "점검 연기", "--popup", "--anew")
    assert (changed["title"], changed["body"], changed["popup"]) == ("점검 연기", "토요일 02:00–04:00", True)
    assert [one["address"] for one in documents(smartmail, "bulletin", "readers", number)] == [KIM, LEE]
    assert smartmail("bulletin", "unread", number, "--reason", "짧음")[0] == 1
    code, out, _ = smartmail("bulletin", "unread", number, "--reason", "안전교육 미확인자 안내")
    assert code == 0
    assert [line.split(",")[2] for line in out.splitlines()[1:]] == [KIM, LEE]
    assert not documents(smartmail, "bulletin", "end", number)["shown"]
    assert "점검 연기" in smartmail("bulletin", "show", number)[1]
    assert smartmail("bulletin", "remove", number)[0] == 0
    assert smartmail("bulletin", "show", number)[0] == 1


def test_what_is_wrong_is_said(smartmail, tmp_path):
    assert "x is no number of a bulletin" in smartmail("bulletin", "show", "x")[2]
    assert "cannot be read" in smartmail("bulletin", "new", "t", "--text", str(tmp_path / "none"))[2]
    assert smartmail("bulletin", "new", "t", "--scope", f"account:{KIM}")[0] == 1
    assert smartmail("bulletin", "new", "t", "--scope", "domain:b.example", "--until", "2001-01-01")[0] == 1
