"""Screens, mails and guides say one word for one thing in each language, by the table that the check reads."""

import json
import re

import pytest
from tests.unit.house.tree import ROOT, tool

from smartmail.policy.knobs import KNOBS

screen_words = tool("screen_words")
WEBMAIL, SERVER = "web/i18n/catalogues", "src/smartmail/app/catalogues"


def test_no_text_says_a_word_that_the_table_refuses():
    assert screen_words.faults(ROOT) == []


def test_each_language_has_its_words():
    table, _ = screen_words.words(ROOT)
    assert {word.language for word in table} == set(screen_words.LANGUAGES)


def tree(tmp_path, file, text, table=None):
    """Make a tree of one file, with the table of this one or another."""
    words = (ROOT / screen_words.TABLE).read_text(encoding="utf-8") if table is None else table
    without = re.sub(r"^except = .*\n", "", words, flags=re.MULTILINE) if table is None else words
    for name, content in ((screen_words.TABLE, without), (file, text)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("ko", "2차 인증 등록", "'2차 인증'"),
        ("ko", "값을 적어 주세요", "'적어 주'"),
        ("ko", "사진 지우기", "'지우기'"),
        ("ko", "저절로 끝납니다", "'저절로'"),
        ("ko", "큐에서 기다립니다", "'큐에'"),
        ("ko", "지나면 없던 일이 됩니다.", "'없던 일'"),
        ("ko", "동의할 수 없다. 0이면 확인합니다.", "'다.'"),
        ("ko", "잠시 뒤 다시 하세요", "'잠시 뒤'"),
        ("en", "Second factor needed", "'Second factor'"),
        ("en", "You are logged in.", "'logged in'"),
        ("ja", "サインイン", "'サインイン'"),
        ("ja", "ブラウザを開く", "'ブラウザ'"),
        ("zh-Hans", "我的账户", "'账户'"),
        ("zh-Hant", "所有程序", "'程序'"),
    ],
)
@pytest.mark.parametrize("folder", screen_words.CATALOGUES)
def test_a_refused_word_is_named_with_file_key_and_what_to_write(tmp_path, folder, language, text, said):
    file = f"{folder}/{language}.json"
    (fault,) = screen_words.faults(tree(tmp_path, file, json.dumps({"a.b": text})))
    assert fault.startswith(f"{file}: a.b: {said}; write instead: ")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "지원 큐레이션이 자동으로 됩니다. 개수가 적어도"),
        ("ko", "지난 7일, 바로 위"),
        ("en", "Sign in with your login, a bound method"),
        ("ja", "ブラウザーとサーバー、送信キュー"),
        ("zh-Hant", "處理程序、用戶端、網域名稱"),
    ],
)
def test_words_that_only_look_alike_pass(tmp_path, language, text):
    assert screen_words.faults(tree(tmp_path, f"{SERVER}/{language}.json", json.dumps({"a": text}))) == []


def test_forms_of_a_plural_are_read_and_names_to_fill_in_are_not(tmp_path):
    file = f"{WEBMAIL}/en.json"
    text = json.dumps({"a": {"one": "One e-mail", "other": "{somebody} writes"}})
    assert screen_words.faults(tree(tmp_path, file, text)) == [f"{file}: a: 'e-mail'; write instead: email"]


def test_a_guide_is_named_by_line_and_what_it_quotes_is_not_its_own_word(tmp_path):
    file = "docs/guide-user/ko/writing.md"
    page = "# 하나\n`큐에` 넣고\n    큐에 넣기\n```\n저절로\n```\n[하나](two.md#저절로)\n저절로 됩니다.\n"
    assert screen_words.faults(tree(tmp_path, file, page)) == [f"{file}: 8: '저절로'; write instead: 자동, 자동으로"]


def test_an_exception_holds_for_its_key_and_is_a_fault_when_nothing_needs_it(tmp_path):
    table = 'searches = ["also.*"]\n[[ko]]\nsay = "순서"\nnever = ["차례"]\nexcept = ["wait.*"]\n'
    file = f"{WEBMAIL}/ko.json"
    texts = {"wait.turn": "차례를 기다림", "also.order": "차례", "order": "차례"}
    assert screen_words.faults(tree(tmp_path, file, json.dumps(texts), table)) == [
        f"{file}: order: '차례'; write instead: 순서"
    ]
    (idle,) = screen_words.faults(tree(tmp_path, file, json.dumps({"a": "순서"}), table))
    assert "the exception wait.* is not needed" in idle


@pytest.mark.parametrize("language", screen_words.LANGUAGES)
def test_help_of_the_policy_names_no_value_and_no_knob_by_its_code(language):
    texts = json.loads((ROOT / SERVER / f"{language}.json").read_text(encoding="utf-8"))
    names = {name for name in KNOBS if "." in name}
    for name, knob in KNOBS.items():
        told = texts[knob.help_key]
        assert not [other for other in names if re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", told)], name
        codes = knob.kind.describe().split(" | ") if " | " in knob.kind.describe() else []
        # An English word may be a code as well; in brackets or with a hyphen it is the code.
        own = [one for one in codes if language != "en" or "-" in one]
        assert not [one for one in own if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", told)], (name, told)
        if language == "en":
            assert not [one for one in codes if f"{one} (" in told], (name, told)
