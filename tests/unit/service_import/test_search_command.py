"""./smartmail search: what is indexed, what a person would find, a rebuild."""

from tests.unit.service_import.test_mail_commands import kim, shell

__all__ = ["kim", "shell"]
LETTERS = [
    ("회의자료 송부", "분기 회의 자료를 보냅니다."),
    ("견적서", "ghldml 이라고 잘못 쳤습니다."),
    ("本日の會議", "資料"),
]


def filled(shell, kim, tmp_path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    for number, (subject, body) in enumerate(LETTERS):
        head = f"From: lee@b.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
        (folder / f"{number}.eml").write_text(head + body, encoding="utf-8")
    shell("import", "--account", kim, folder)


def subjects(found) -> list[str]:
    return sorted(one["subject"] for one in found["messages"])


def test_what_is_indexed_is_told_and_a_rebuild_does_it_all(shell, kim, tmp_path):
    filled(shell, kim, tmp_path)
    [status] = shell("search", "status", kim)
    assert (status["messages"], status["notIndexed"]) == (3, 3)
    told = shell("search", "rebuild", kim, "--wait")
    assert told == {"accounts": 1, "read": 3}
    [status] = shell("search", "status")
    assert (status["account"], status["notIndexed"]) == (kim, 0) and status["textOctets"] > 0
    assert shell("search", "rebuild", "--all", "--wait")["read"] == 3
    assert shell("search", "query", kim, "회의")["found"] == 1


def test_a_query_finds_what_the_person_would(shell, kim, tmp_path):
    filled(shell, kim, tmp_path)
    found = shell("search", "query", kim, "회의", "자료")
    assert subjects(found) == ["회의자료 송부"] and found["notIndexed"] == 0
    assert "회의" in found["messages"][0]["text"]
    assert subjects(shell("search", "query", kim, "제목:견적")) == ["견적서"]
    assert subjects(shell("search", "query", kim, "-회의 -견적")) == ["本日の會議"]
    found = shell("search", "query", kim, "회의", "--hanja")
    assert {one["subject"]: one["foundBy"] for one in found["messages"]} == {
        "회의자료 송부": [], "本日の會議": ["hanja"],
    }  # fmt: skip
    found = shell("search", "query", kim, "회의", "--keyboard", "--limit", 1)
    assert (found["found"], len(found["messages"])) == (2, 1)


def test_what_is_wrong_is_said(shell, kim):
    assert "--all" in shell("search", "rebuild", expect=1)
    assert "no account" in shell("search", "query", "nobody@a.example", "x", expect=1)
