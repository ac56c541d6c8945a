"""A form that is sent while a chosen file is still read waits for it: large files and busy machines take their time."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, sign_in
from tests.e2e.company import DESKTOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
# The first file is read last.
SLOW = """() => {
  const read = FileReader.prototype.readAsDataURL;
  const waits = [1500, 500];
  FileReader.prototype.readAsDataURL = function (file) { setTimeout(() => read.call(this, file), waits.shift() ?? 0); };
}"""
NO_CERTIFICATE = b"this is no certificate"


def test_a_form_waits_for_the_file_that_was_chosen_last(company: Company, new_person: Callable[..., Person]) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "메일 인증기관")
    part = admin.get_by_role("region", name="S/MIME 서명", exact=True)
    part.get_by_role("button", name="인증기관 추가").click()
    admin.evaluate(SLOW)
    for name, content in (("first.pem", b"first"), ("second.pem", NO_CERTIFICATE)):
        part.get_by_label("파일").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    with admin.expect_request(lambda asked: asked.method == "POST") as sent:
        part.get_by_role("button", name="인증기관 추가").click()
    assert base64.b64encode(NO_CERTIFICATE).decode() in (sent.value.post_data or "")
    # What was sent is refused, so that nothing is left behind.
    expect(part.get_by_role("alert")).to_be_visible()
