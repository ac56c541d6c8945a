"""The language a mail is written in, so that its glyphs, hyphens and voices are right (`lang`).

A declared language wins; then the scripts of the text decide; then the charset hints. Han characters are shared by
five writing systems, and a browser draws them in the reader's own forms unless told otherwise.
"""

import re

# Bound of the sample: the first words tell the script.
SAMPLE = 4000

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]")
# Frequent characters that only one of the two Chinese orthographies writes.
_SIMPLIFIED = frozenset(
    "这个们来时会对发经动现关进过说还长问间业东车书马门为与专义产亲亿价众优传伤体儿农冲决况净准几凤"
    "刘则刚创别办务劳势区医华协单卖卢卫厂厅历压厌县双变号吗听启员响团园围图圆场坏块坚声处备够头夹奖妇"
    "学宁实宝审宪对导层岁币师帐带帮库应张弹归录总态怀恳悬惊惯户执扩扫护报担拟拥择损换据"
)
_TRADITIONAL = frozenset(
    "這個們來時會對發經動現關進過說還長問間業東車書馬門為與專義產親億價眾優傳傷體兒農衝決況淨準幾鳳"
    "劉則剛創別辦務勞勢區醫華協單賣盧衛廠廳歷壓厭縣雙變號嗎聽啟員響團園圍圖圓場壞塊堅聲處備夠頭夾獎婦"
    "學寧實寶審憲導層歲幣師帳帶幫庫應張彈歸錄總態懷懇懸驚慣戶執擴掃護報擔擬擁擇損換據"
)
_ONLY_SIMPLIFIED = _SIMPLIFIED - _TRADITIONAL
_ONLY_TRADITIONAL = _TRADITIONAL - _SIMPLIFIED
_TRADITIONAL_PLACES = frozenset({"tw", "hk", "mo"})
_BY_CHARSET = {
    "euc-kr": "ko", "ks_c_5601-1987": "ko", "cp949": "ko", "iso-2022-kr": "ko", "johab": "ko",
    "iso-2022-jp": "ja", "shift_jis": "ja", "cp932": "ja", "euc-jp": "ja",
    "gb2312": "zh-Hans", "gbk": "zh-Hans", "gb18030": "zh-Hans", "hz-gb-2312": "zh-Hans",
    "big5": "zh-Hant", "big5-hkscs": "zh-Hant", "euc-tw": "zh-Hant",
}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


def guess(text: str, *, declared: str | None = None, charset: str | None = None) -> str:
    """Return a BCP 47 tag: ko, en, ja, zh-Hans, zh-Hant, or what was declared; empty when nothing tells."""
    if declared and (tag := normalise(declared)):
        return tag
    return _by_script(text[:SAMPLE]) or _BY_CHARSET.get((charset or "").lower(), "") or _latin(text[:SAMPLE])


def normalise(declared: str) -> str:
    """Return the first language of a Content-Language value (RFC 3282) in our spelling, or nothing."""
    match = _TAG.match(declared.strip())
    if match is None:
        return ""
    first, *rest = match.group().replace("_", "-").split("-")
    first = first.lower()
    if first != "zh":
        return first
    below = {part.lower() for part in rest}
    return "zh-Hant" if "hant" in below or (below & _TRADITIONAL_PLACES and "hans" not in below) else "zh-Hans"


def _by_script(text: str) -> str:
    hangul, kana = len(_HANGUL.findall(text)), len(_KANA.findall(text))
    han = _HAN.findall(text)
    # A Korean or Japanese mail may hold many Han characters, a Chinese one holds no Hangul or kana to speak of.
    if hangul and hangul >= kana and hangul * 10 >= len(han):
        return "ko"
    if kana and kana * 10 >= len(han):
        return "ja"
    if not han or len(han) * 20 < len(_LATIN.findall(text)):
        return ""
    simplified = sum(char in _ONLY_SIMPLIFIED for char in han)
    traditional = sum(char in _ONLY_TRADITIONAL for char in han)
    if simplified == traditional:
        return ""
    return "zh-Hans" if simplified > traditional else "zh-Hant"


def _latin(text: str) -> str:
    return "en" if _LATIN.search(text) else ""
