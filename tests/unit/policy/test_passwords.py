"""Forty passwords and every reason against each (KA-15, BR-26)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.app import catalogues
from smartmail.app.opening.common_passwords import load as load_common
from smartmail.base.i18n import LANGUAGES, translate
from smartmail.policy import knobs
from smartmail.policy.passwords import Whose, weaknesses

WHOSE = Whose("kim.minsu@a.example", "김민수 Minsu Kim", ("010-2345-6789",), ("1985-04-17",))


def policy(least=8, classes=2, *, runs=True, parts=True, common=True):
    return {
        knobs.PASSWORD_MIN_LENGTH: least, knobs.PASSWORD_CLASSES: classes, knobs.PASSWORD_FORBID_RUNS: runs,
        knobs.PASSWORD_FORBID_PARTS: parts, knobs.PASSWORD_BREACHED_LIST: common,
    }  # fmt: skip


VECTORS = {
    # Good: eight of three classes, ten of two, phrases, other scripts.
    "kM8#vQ2z": "",
    "tv9!Rusk": "",
    "green7table": "",
    "rusk-und-tee": "",
    "correct horse battery": "",
    "Wd7$lobs": "",
    "나의살던고향은7": "classes",
    "나의 살던 고향은 꽃피는 산골": "",
    "お茶を飲む9Rest": "",
    "x!0x!0x!0x": "",
    # Too short, too few kinds.
    "": "short classes",
    "kM8#v": "short",
    "km8vq2zt": "classes",
    "onlysmallletters": "classes run",
    "83920174": "classes",
    "8392017465": "classes",
    "KMVQZTRW": "classes",
    "kmvq zt8": "",
    # Three of the same, three that follow on each other, four side by side on a keyboard.
    "kaaaM8#vq": "run",
    "kAaaM8#vq": "run",
    "k!!!M8#vq": "run",
    "kabcM8#vq": "run",
    "kCbaM8#vq": "run",
    "k123M8#vq": "run",
    "k321M8#vq": "run",
    "kqwerM8#v": "run",
    "kFdsaM8#v": "run",
    "k가가가M8#vq": "run",
    # Parts of who it belongs to.
    "Minsu7!house": "part",
    "xkimx8!Lob": "part",
    "김민수8!Lobster": "part",
    "door!6789Tv": "run part",
    "door!2345Tv": "run part",
    "tv-0417-Lob": "part",
    "tv!1985Lob": "part",
    "tv!850417Lo": "part",
    # What guessers try first, in the usual clothes.
    "P@ssw0rd!9": "common",
    "Welcome2026!": "common",
    "Dkssudgktpdy1!": "common",
    "비밀번호1!": "short common",
    "Iloveyou!7": "common",
}


@pytest.mark.parametrize(("secret", "reasons"), VECTORS.items())
def test_a_password_and_its_reasons(secret, reasons):
    assert len(VECTORS) >= 40
    assert weaknesses(secret, policy(), WHOSE) == reasons.split()


def test_each_rule_is_policys():
    loose = policy(classes=1, runs=False, parts=False, common=False)
    for secret in ("kaaaM8#vq", "Minsu7!house", "P@ssw0rd!9", "onlysmallletters"):
        assert weaknesses(secret, loose, WHOSE) == []
    assert weaknesses("kM8#vQ2z", policy(least=12), WHOSE) == ["short"]
    assert weaknesses("k8vq2ztw5r", policy(classes=3), WHOSE) == ["classes"]


def test_every_reason_has_its_text_in_five_languages():
    catalogues.load()
    for language in LANGUAGES:
        texts = {
            translate(language, f"password.reason.{one}", least=8)
            for one in ("unreadable", "short", "long", "classes", "run", "part", "common", "used")
        }
        assert len(texts) == 8


def test_an_installations_own_list_counts(tmp_path):
    (tmp_path / "common-passwords.txt").write_text("# ours\nJangmi-Hoesa\n\n", "utf-8")
    try:
        assert load_common(str(tmp_path)) == 1
        assert weaknesses("Jangmi-Hoesa", policy(), Whose()) == ["common"]
    finally:
        assert load_common(str(tmp_path / "none")) == 0
    assert weaknesses("Jangmi-Hoesa", policy(), Whose()) == []


@given(st.text(max_size=60))
def test_any_text_is_judged(secret):
    weaknesses(secret, policy(), WHOSE)


@pytest.mark.parametrize(
    ("secret", "login", "company", "reasons"),
    [
        ("haneul2026", "admin@haneul.example", "", "part common"),
        ("Haneul-gorge.47", "admin@haneul.example", "", "part"),
        ("Haneul-gorge.47", "kim@mail.example", "하늘 Haneul Co., Ltd.", "part"),
        ("하늘-gorge.47", "kim@mail.example", "주식회사 하늘", "part"),
        ("한빛-gorge.47", "kim@xn--xx3br43b.example", "", "part"),
        ("Comet-gorge.quartz", "kim@a.com.example", "A Company", ""),
        ("Vanilla2026!", "kim@a.example", "", "common"),
        ("Vanilla-gorge2026", "kim@a.example", "", ""),
    ],
)
def test_what_anybody_knows_of_a_company_is_no_secret(secret, login, company, reasons):
    assert weaknesses(secret, policy(), Whose(login, company=company)) == reasons.split()
