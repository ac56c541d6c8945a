"""What is called differently in vCard and JSContact: contexts, telephone features, kinds, parts of names and addresses
(RFC 9555 §2). Used in both directions.
"""

from typing import Final

CONTEXTS: Final = {"work": "work", "home": "private"}
FEATURES: Final = {
    "cell": "mobile", "voice": "voice", "fax": "fax", "pager": "pager", "text": "text", "video": "video",
    "textphone": "textphone", "main-number": "main-number",
}  # fmt: skip
KINDS: Final = frozenset({"individual", "group", "org", "location", "device", "application"})
N_PARTS: Final = ("surname", "given", "given2", "title", "credential", "surname2", "generation")
"""In the order of N, the last two from RFC 9554."""
HEARD: Final = {"surname": "X-PHONETIC-LAST-NAME", "given": "X-PHONETIC-FIRST-NAME"}
"""How parts of a name are read, as phones and the address books of other providers write it."""
ADR_PARTS: Final = ("postOfficeBox", "", "", "locality", "region", "postcode", "country")
"""In the order of ADR; what stands second and third has parts of its own in RFC 9554."""
ADR_MORE: Final = (
    "room", "apartment", "floor", "number", "name", "building", "block", "subdistrict", "district", "landmark",
    "direction",
)  # fmt: skip
ANNIVERSARIES: Final = {"BDAY": "birth", "DEATHDATE": "death", "ANNIVERSARY": "wedding"}
MEDIA: Final = {"PHOTO": "photo", "LOGO": "logo", "SOUND": "sound"}
CHAT: Final = {
    "X-AIM": "aim", "X-ICQ": "icq", "X-JABBER": "jabber", "X-MSN": "msn", "X-YAHOO": "yahoo", "X-SKYPE": "skype",
    "X-SKYPE-USERNAME": "skype", "X-QQ": "qq", "X-GOOGLE-TALK": "google-talk", "X-KAKAOTALK": "kakaotalk", "X-LINE": "line",
}  # fmt: skip
APPLE_LABELS: Final = {
    "_$!<Work>!$_": "work", "_$!<Home>!$_": "home", "_$!<Mobile>!$_": "cell", "_$!<HomeFAX>!$_": "fax",
    "_$!<WorkFAX>!$_": "fax", "_$!<Pager>!$_": "pager", "_$!<Main>!$_": "main-number",
}  # fmt: skip
KEPT: Final = ("@type", "version", "vCardProps")
"""Properties of a card that no JSPROP tells."""
