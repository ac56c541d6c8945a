"""Reasons in words, in the language of whoever reads them."""

from smartmail.base.i18n import translate
from smartmail.domain.inspection import Reason


def reason_text(language: str, reason: Reason) -> str:
    """Return the text of a rule with what it saw put in its places `{0}`, `{1}` …; a rule without a text (of a version
    that knew others) is told by its name.
    """
    # Rules that came by file have one text, in which the file's own title stands.
    name = "pack" if reason.rule.startswith("pack.") else reason.rule
    try:
        text = translate(language, f"rule.{name}")
    except KeyError:
        return " ".join([reason.rule, *reason.facts])
    try:
        return text.format(*reason.facts)
    except (IndexError, KeyError, ValueError):
        return text
