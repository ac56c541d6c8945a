"""vCards 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350, 9554): read into JSContact and written out of it (RFC 9555).

`lines` knows how content lines are folded, escaped and spelled, `reading` and `writing` what they mean; `dates`, `kinds` and
`places` are shared by both. Version 4.0 loses nothing: what has no property of its own goes as JSPROP (RFC 9555 §3.2.1).
Pure. Must not know where cards are kept.
"""

from smartmail.formats.vcard.lines import FoundCard, VcardError, found_cards
from smartmail.formats.vcard.reading import card_of
from smartmail.formats.vcard.writing import written

__all__ = ["FoundCard", "VcardError", "card_of", "found_cards", "written"]
