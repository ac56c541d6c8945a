"""Names of special mailboxes, and paths of sources."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.mailbox import MAX_DEPTH, MAX_NAME_OCTETS
from smartmail.service.mailbox.import_names import SPECIAL_NAMES, decode_utf7, encode_utf7, role_of, target_path
from smartmail.service.mailbox.mailstore.mailboxes import checked_name


def test_the_table_has_no_name_twice_and_enough_of_each_script():
    names = [(name, role) for role, some in SPECIAL_NAMES.items() for name in some]
    folded = {}
    for name, role in names:
        key = "".join(unicodedata.normalize("NFC", name).casefold().split())
        assert folded.setdefault(key, role) == role, name
    assert len(folded) >= 60
    scripts = {"HANGUL": 0, "HIRAGANA": 0, "KATAKANA": 0, "CJK": 0, "LATIN": 0}
    for name in folded:
        for script in scripts:
            scripts[script] += any(unicodedata.name(c, "").startswith(script) for c in name)
    assert all(scripts.values())


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("받은편지함", "inbox"), ("받은 편지함", "inbox"), ("보낸편지함", "sent"), ("지운편지함", "trash"),
        ("휴지통", "trash"), ("스팸메일함", "junk"), ("임시보관함", "drafts"), ("보관함", "archive"),
        ("送信済みアイテム", "sent"), ("迷惑メール", "junk"), ("下書き", "drafts"), ("已发送", "sent"),
        ("垃圾郵件", "junk"), ("Sent Items", "sent"), ("SENT MESSAGES", "sent"), ("Deleted Items", "trash"),
        ("내게쓴편지함", None), ("프로젝트", None), ("", None),
    ],
)  # fmt: skip
def test_roles(name, role):
    assert role_of(name) == role
    assert role_of(unicodedata.normalize("NFD", name)) == role


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ((), ("INBOX",)),
        (("inbox",), ("INBOX",)),
        (("받은편지함", "거래처"), ("INBOX", "거래처")),
        (("[Gmail]", "보낸편지함"), ("보낸편지함",)),
        (("INBOX", "Work"), ("Work",)),
        (("a/b", "c\nd"), ("a_b", "c_d")),
        (("  ", "x"), ("x",)),
        ((unicodedata.normalize("NFD", "과장"),), ("과장",)),
    ],
)
def test_target_paths(label, path):
    assert target_path(label) == path


@given(st.lists(st.text(max_size=300), max_size=30))
def test_every_target_path_can_be_made(label):
    path = target_path(label)
    assert 1 <= len(path) <= MAX_DEPTH
    for name in path:
        assert checked_name(name) == name
        assert len(name.encode()) <= MAX_NAME_OCTETS


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_modified_utf7_comes_back(name):
    assert decode_utf7(encode_utf7(name)) == name
    assert encode_utf7(name).isascii()


@given(st.text(max_size=60))
def test_any_directory_name_is_decoded_to_something(name):
    decode_utf7(name)
