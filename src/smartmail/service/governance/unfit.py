"""Why a policy rule does not fit, so that a page says it in the reader's language: by the kind of its knob."""

from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Value
from smartmail.policy.kinds import Choice, Count, Countries, Days, Flag, Names, Networks, Texts
from smartmail.policy.knobs import KNOBS, Knob


def unfit_rule(name: str, value: object, error: ValueError) -> Invalid:
    """Return the refusal of a rule: of its value where the knob does not take it, else of its place or its end."""
    knob = KNOBS.get(name)
    if knob is None:
        return Invalid(f"there is no knob {name!r}", reason="knob.none", knob=name)
    try:
        knob.kind.accept(value)
    except ValueError:
        return unfit_value(knob)
    return Invalid(str(error), reason="rule.place")


def unfit_value(knob: Knob[Value]) -> Invalid:
    """Return the refusal of a value, with what may be given."""
    kind: object = knob.kind
    said = f"{knob.name} takes {knob.kind.describe()}"
    if isinstance(kind, Count):
        return _unfit_count(kind, said)
    if isinstance(kind, Flag):
        return Invalid(said, reason="knob.flag")
    if isinstance(kind, Choice | Names):
        return Invalid(said, reason="knob.choice")
    if isinstance(kind, Networks):
        return Invalid(said, reason="knob.networks")
    if isinstance(kind, Countries):
        return Invalid(said, reason="knob.countries")
    if isinstance(kind, Days):
        return Invalid(said, reason="knob.days")
    if isinstance(kind, Texts):
        return Invalid(said, reason="knob.texts")
    return Invalid(said, reason="knob.form")


def _unfit_count(kind: Count, said: str) -> Invalid:
    if kind.zero_is_none:
        return Invalid(said, reason="knob.countornone", least=kind.least, most=kind.most)
    return Invalid(said, reason="number.range", least=kind.least, most=kind.most)
