"""The browser itself refuses text as markup or as a program, and the devices that no page of ours uses. That the screens work
under this is shown by all tests of the demo, whose pages come with these headers and whose consoles must stay empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import new_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser
    from tests.e2e.company import Company
    from tests.e2e.demo_desk import Desk

pytestmark = pytest.mark.peer

_SINKS = {
    "innerHTML": "document.createElement('div').innerHTML = '<b>x</b>'",
    "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "a parser": "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "a frame": "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "a handler": "document.createElement('b').setAttribute('onclick', 'x()')",
    "a script": "document.createElement('script').src = '/assets/x.js'",
    "a worker": "new Worker('/worker.js')",
    "another policy": "trustedTypes.createPolicy('mine', { createHTML: (text) => text })",
    "a policy again": "trustedTypes.createPolicy('svelte-trusted-html', { createHTML: (text) => text })",
}
_TRY = """(sinks) => Object.entries(sinks).filter(([, act]) => {
  try { (0, eval)(act); return true; } catch (error) { return !(error instanceof TypeError); }
}).map(([name]) => name)"""
_ASKED = """(names) => names.filter((name) => document.featurePolicy.allowsFeature(name))"""
_DEVICES = [
    "camera",
    "microphone",
    "geolocation",
    "usb",
    "payment",
    "midi",
    "serial",
    "display-capture",
    "clipboard-read",
]
_USED = ["clipboard-write", "publickey-credentials-get", "publickey-credentials-create"]


def test_no_string_becomes_markup_or_a_program(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk()
    page = desk.open()
    assert page.evaluate(_TRY, {"what is no sink": "document.createElement('b').textContent = 'x'"}) != []
    assert page.evaluate(_TRY, _SINKS) == []
    desk.said.clear()  # each refusal was said


def test_devices_are_for_nobody(new_desk: Callable[..., Desk]) -> None:
    page = new_desk().open()
    assert page.evaluate(_ASKED, [*_DEVICES, *_USED]) == _USED


def test_both_webs_of_a_node_say_so(chromium: Browser, company: Company) -> None:
    page = new_page(chromium)
    admin = company.site.replace("localhost", "admin.localhost")
    for site, field in ((company.site, "메일 주소"), (admin, "관리자 주소")):
        page.goto(site)
        expect(page.get_by_label(field)).to_be_visible()
        assert page.evaluate(_TRY, _SINKS) == []
        assert page.evaluate(_ASKED, [*_DEVICES, *_USED]) == _USED
    page.context.close()
