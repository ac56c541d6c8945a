"""Passwords that guessers try first: commonest words, names of keyboards' rows, Korean words as typed on a Latin keyboard.

STRATEGIES  A list of roots; what people do to them (capitals, figures and signs behind and before, letters written as
            figures) is undone before the look, so that some hundred roots stand for tens of thousands of passwords.
            An installation may bring a longer list (`install`), one word a line.
"""

from collections.abc import Iterable
from typing import Final

LEAST: Final = 4
"""Letters of a root; what is left of shorter ones after figures are taken off says nothing."""

_ROOTS: Final = frozenset(
    """
    password passwort passwd pass passw0rd passphrase motdepasse contrasena senha parola haslo wachtwoord
    admin administrator root master manager system sysadmin superuser operator webmaster postmaster hostmaster
    user guest test tester testing demo sample example default temp temporary change changeme newpass newpassword
    secret secure security private access login logon signin enter open hello welcome letmein trustno trustnoone
    iloveyou loveyou lovely love lover forever sunshine princess queen king prince angel baby babygirl honey sweet
    sweetheart flower butterfly monkey dragon tiger lion eagle falcon phoenix shadow hunter killer ninja samurai
    batman superman spiderman ironman avengers starwars pokemon pikachu naruto onepiece mickey minnie snoopy
    football baseball basketball soccer hockey tennis golf liverpool arsenal chelsea barcelona realmadrid juventus
    michael jordan jessica jennifer michelle ashley nicole daniel thomas robert george charlie andrew joshua matthew
    anthony william david jonathan christian alexander samantha elizabeth victoria maggie buster pepper ginger cookie
    summer winter spring autumn january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday morning night today tomorrow birthday christmas
    computer internet windows linux ubuntu google gmail naver daum kakao facebook twitter instagram youtube samsung
    apple iphone galaxy android microsoft oracle cisco server network wireless mobile phone office company business
    money dollar lucky jackpot casino freedom peace happy smile silver golden diamond crystal purple yellow orange
    banana cherry chocolate coffee cheese pizza starbucks whatever nothing blink corvette ferrari porsche mercedes
    mustang yamaha harley toyota hyundai matrix merlin gandalf zxcvbn trust access qazwsx
    qwer qwert qwerty qwertyui qwertyuiop asdf asdfg asdfgh asdfghjk asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qwerasdf
    asdfqwer qweasd qweasdzxc qazwsx qazwsxedc wsxedc poiuytrewq lkjhgfdsa mnbvcxz azerty azertyuiop qwertz
    abcd abcde abcdef abcdefg abcdefgh abcdabcd dragonball mypassword thepassword
    korea seoul busan incheon daegu gwangju daejeon ulsan jeju japan tokyo china beijing shanghai america london
    paris newyork sarang saranghae annyeong daehanminguk kimchi bulgogi taekwondo hanguk minguk
    dkssud dkssudgktpdy dkssudgkstpdy tkfkd tkfkdgo tkfkdgody qlalf qlalfqjsgh qlqjs eogksalsrnr eogksals gksrnr
    tjdnf tkatjd guseo ghkdlxld ghkdxld rhksflwk dkdlel skskdi gkgkgk gksrmf rkatkgkqslek wjsghk gkrry ghltk
    wlrkdrlsdmf ajtwls dlswmd akstp qkqh qkqhdi dkssudgk rladbal qkrtlf dlrwls
    비밀번호 비번 관리자 안녕 안녕하세요 사랑해 사랑해요 대한민국 화이팅 파이팅 회사 서울 부산 하하하 테스트 임시비밀번호
    パスワード ひみつ こんにちは さくら にほん 密码 密碼 中国 中國 你好 woaini woaini1314 wodemima mima aini caonima
    sakura nihon konnichiwa himitsu arigato pasuwado anata aishiteru doraemon
    """.split()  # noqa: SIM905 -- a list of six hundred literals would be a page long
)
_LEET: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_brought: set[str] = set()


def install(words: Iterable[str]) -> int:
    """Take an installation's own list in place of an earlier one; return how many words it has."""
    _brought.clear()
    _brought.update(word for line in words if (word := line.strip().lower()) and not word.startswith("#"))
    return len(_brought)


def is_common(secret: str) -> bool:
    """Say whether guessers would try it early."""
    low = secret.lower()
    if low in _brought or low in _ROOTS:
        return True
    return any(len(root) >= LEAST and (root in _ROOTS or root in _brought) for root in _roots(low))


def _roots(low: str) -> list[str]:
    found = []
    for text in (low, low.translate(_LEET)):
        found += [_bare(text), _letters(text)]
    # With what stood behind taken off before figures are read as letters: p@ssw0rd2024!
    found += [_bare(low).translate(_LEET), _bare(_bare(low).translate(_LEET))]
    doubled = [root[: len(root) // 2] for root in found if root and root[: len(root) // 2] * 2 == root]
    return found + doubled


def _bare(text: str) -> str:
    """Return a text without the figures and signs around it."""
    start, end = 0, len(text)
    while start < end and not text[start].isalpha() and text[start] not in "@$":
        start += 1
    while end > start and not text[end - 1].isalpha():
        end -= 1
    return text[start:end]


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())
