"""What comes from outside into defence: typed networks, hints of the bus, settings. Nothing but what is promised is raised."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from smartmail.service.protection.defence.places import place_of, subject_of
from smartmail.service.protection.defence.settings import DefenceSettings, changed, decode

_NEAR = st.text(alphabet="0123456789abcdef.:/% ", max_size=60)


@given(st.one_of(st.text(max_size=80), _NEAR, st.ip_addresses().map(str)))
def test_any_text_is_a_subject_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        subject = subject_of(text)
        assert subject_of(subject) == subject
    place = place_of(text)
    assert place is None or subject_of(place.address) == place.address


@given(st.sampled_from(sorted(DefenceSettings.__struct_fields__) + ["x"]), st.text(max_size=40))
def test_any_setting_is_taken_whole_or_refused(name, value):
    with contextlib.suppress(ValueError):
        made = changed(DefenceSettings(), name, value)
        import msgspec

        assert decode(msgspec.json.encode(made).decode()) == made
        assert made.connections().burst > 0


class Heard:
    """A bus that keeps its listeners."""

    def __init__(self) -> None:
        self.listeners = {}

    def publish(self, topic, payload):
        pass

    def subscribe(self, topic, listener):
        self.listeners[topic] = listener
        return lambda: None


class Clock:
    def now(self) -> int:
        return 1_700_000_000_000

    def new_id(self) -> int:
        return 1

    def random(self, octets: int) -> bytes:
        return bytes(octets)


class Settled:
    """Bans that know nothing."""

    settings = DefenceSettings()

    def on_change(self, listener):
        pass

    def is_allowed(self, host):
        return False


@given(
    st.one_of(
        st.text(max_size=120),
        st.lists(st.text(alphabet="abgimnost:0123456789./-", max_size=12), max_size=9).map(" ".join),
    )
)
def test_any_hint_is_harmless(payload):
    from smartmail.service.protection.defence.background import Background
    from smartmail.service.protection.defence.strikes import TOPIC, Strikes

    bus = Heard()
    Strikes(None, Settled(), bus, Clock(), Background())
    bus.listeners[TOPIC](payload)
    bus.listeners[TOPIC](f"other guessing 192.0.2.1/32 192.0.2.0/24 {payload}")
