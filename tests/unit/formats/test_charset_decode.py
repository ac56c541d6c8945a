"""Charsets: labels that lie, labels that are missing, supersets, cut ends."""

import pytest

from smartmail.formats import charset

KOREAN_LABELS = [
    "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "korean", "euc-kr", "EUCKR", "windows-949", "ms949", "uhc",
    "cp949", "x-windows-949", '"EUC-KR"', b"euc-kr", "euc_kr",
]  # fmt: skip


@pytest.mark.parametrize("label", KOREAN_LABELS)
def test_every_korean_label_reads_syllables_of_cp949(label):
    assert charset.decode("쀍뷁똠 안녕".encode("cp949"), label) == ("쀍뷁똠 안녕", False)


@pytest.mark.parametrize(
    ("octets", "label", "text"),
    [
        ("镕㐂".encode("gb18030"), "gb2312", "镕㐂"),
        ("①表".encode("cp932"), "shift_jis", "①表"),
        ("您好許".encode("cp950"), "big5", "您好許"),
        ("嘅咗".encode("big5hkscs"), "big5", "嘅咗"),
        (b"\x93x\x94", "iso-8859-1", "“x”"),
        (b"\x81", "windows-1252", "\x81"),
        ("ﾊﾝｶｸ".encode("iso2022_jp_ext"), "iso-2022-jp", "ﾊﾝｶｸ"),
        (b"\x1b$B-!\x1b(B", "iso-2022-jp", "①"),
        ("안녕".encode("iso2022_kr"), "iso-2022-kr", "안녕"),
        ("한글".encode("utf-7"), "utf-7", "한글"),
        ("Привет".encode("koi8_r"), "koi8-r", "Привет"),
        ("ไทย".encode("cp874"), "tis-620", "ไทย"),
        ("x".encode("utf-16"), "utf-16", "x"),
    ],
)
def test_labels(octets, label, text):
    assert charset.decode(octets, label) == (text, False)


@pytest.mark.parametrize(
    "label", [None, "", "us-ascii", "unknown-8bit", "x-nonsense", "x" * 500, "8bit", "idna", "zlib"]
)
def test_without_a_true_label_octets_speak(label):
    assert charset.decode("안녕하세요".encode(), label)[0] == "안녕하세요"
    assert charset.decode("안녕하세요".encode("cp949"), label)[0] == "안녕하세요"
    assert charset.decode("안녕".encode("iso2022_kr"), label)[0] == "안녕"
    assert charset.decode("日本".encode("iso2022_jp"), label)[0] == "日本"
    assert charset.decode(b"plain", label) == ("plain", False)
    assert charset.decode(b"\xef\xbb\xbfx", label)[0] == "x"


def test_fallback_is_what_the_organisation_says():
    assert charset.decode("日本".encode("cp932"), None, "shift_jis")[0] == "日本"


def test_false_label_is_overruled_by_octets_that_contradict_it():
    assert charset.decode("안녕하세요".encode(), "euc-kr") == ("안녕하세요", False)
    assert charset.decode("안녕하세요".encode("cp949"), "utf-8") == ("안녕하세요", False)


def test_western_octets_without_a_label_are_not_torn_to_pieces():
    assert charset.decode(b"4 DVDs for 49\xa2 ea. caf\xe9!")[0] == "4 DVDs for 49¢ ea. café!"
    long = "가나다라마바사아자차카타파하".encode("cp949")
    assert charset.decode(long + b" \xff " + long)[0].count("가") == 2


def test_cut_character_is_dropped_and_told():
    assert charset.decode("한글".encode()[:-1], "utf-8") == ("한", True)
    assert charset.decode("한글".encode("cp949")[:-1], "euc-kr") == ("한", True)


def test_damage_is_told():
    text, damaged = charset.decode(b"ok \xff\xff\xfe ok", "utf-8")
    assert damaged
    assert text.startswith("ok ")
    assert text.endswith(" ok")


def test_iso2022kr_without_designation():
    assert charset.decode("안녕".encode("iso2022_kr")[4:], "iso-2022-kr") == ("안녕", False)


def test_only_codecs_of_text_are_reachable():
    for label in ("rot13", "zlib", "unicode_escape", "idna", "punycode", "mbcs", "base64", "undefined"):
        assert charset.codec_of(label) is None
