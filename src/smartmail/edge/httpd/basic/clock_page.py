"""Which clock times are shown by: the same choice as in the settings of the webmail."""

from html import escape

from smartmail.edge.httpd.basic.asking import Reader
from smartmail.edge.httpd.basic.clocks import CYCLES, HOURS, ZONE, PageClock, named
from smartmail.edge.httpd.basic.forms import PROOF, form_of, token_of
from smartmail.edge.httpd.basic.looks import button, field, go, hidden, shell, show
from smartmail.edge.httpd.basic.mail import head
from smartmail.edge.httpd.wire import Answer

_AFTERNOON = "2026-01-05T06:12:00Z"


class ClockPages:
    """Handlers of /basic/clock."""

    async def ask(self, reader: Reader, answer: Answer) -> None:
        """GET → the form."""
        await show(answer, _form(reader, reader.clock.zone))

    async def choose(self, reader: Reader, answer: Answer) -> None:
        """POST zone and hours → the mail; else the form again with what is wrong."""
        form = await form_of(reader.request)
        zone, hours = form.text("zone").strip(), form.text("hours")
        if zone and named(zone) is None:
            await show(answer, _form(reader, zone, reader.words.raw("clock.wrong")), 400)
            return
        chosen = {ZONE: zone or None, HOURS: hours if hours in CYCLES else None}
        await reader.services.preferences.change(reader.actor, chosen)
        await go(answer, reader.place("/basic"))


def _form(reader: Reader, zone: str, note: str = "") -> bytes:
    words = reader.words
    told = f'<p class="note" role="alert">{escape(note)}</p>' if note else ""
    options = "".join(
        f'<option value="{one}"{" selected" if one == reader.clock.hours else ""}>'
        f"{escape(PageClock(reader.clock.zone, one).show(words, _AFTERNOON).split(' ', 1)[1])}</option>"
        for one in CYCLES
    )
    body = (
        f"<h1>{words('clock')}</h1>{told}"
        f'<form method="post" action="/basic/clock" class="whole">{hidden(**{PROOF: token_of(reader.request)})}'
        f"{field(words('clock.zone'), 'zone', zone, ' placeholder=Asia/Seoul autocomplete=off')}"
        f'<p class="soft">{words("clock.about")}</p>'
        f'<label for="hours">{words("clock.hours")}</label><select id="hours" name="hours">{options}</select>'
        f'<p class="acts">{button(words("confirm"), chief=True)}</p></form>'
    )
    return shell(words, words.raw("clock"), body, before=head(reader))
