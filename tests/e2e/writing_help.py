"""What a person does in the composer: pastes, drops, looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import DEMO_PASSWORD, obeyed, on_node
from tests.e2e.demo_desk import PHONE
from tests.e2e.pictures import keep_picture

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.company import Company

    from smartmail.app.node import Node

_CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]

_PASTE = """(letter, [html, text, picture]) => {
  const data = new DataTransfer();
  if (html) data.setData('text/html', html);
  if (text) data.setData('text/plain', text);
  if (picture) {
    const octets = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
    data.items.add(new File([octets], 'capture.png', { type: 'image/png' }));
  }
  letter.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def letter_of(page: Page) -> Locator:
    """The rich editor of the open composer."""
    return page.get_by_role("textbox", name="본문")


def paste(page: Page, *, html: str = "", text: str = "", picture: str = "") -> None:
    """Paste as a browser does after Ctrl+V. `picture`: base64 of a PNG."""
    letter_of(page).evaluate(_PASTE, [html, text, picture])


def look(page: Page, name: str, folder: Path) -> None:
    """Take pictures at a desk and on a phone; nothing may stand beyond the edge."""
    before = page.viewport_size
    for which, size in (("wide", {"width": 1440, "height": 900}), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function("size => innerWidth === size", arg=size["width"])
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        keep_picture(page, folder / f"{name}-{which}.png")
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    if before:
        page.set_viewport_size(before)


def chips(page: Page, field: str = "받는사람") -> Locator:
    """The people in a field of recipients."""
    return page.get_by_role("group", name=field).locator(".chip")


def wait_saved(page: Page) -> None:
    """Wait until the server has the draft."""
    expect(page.locator(".window header [role=status]")).to_contain_text("저장됨")


def new_writer(
    company: Company, login: str, name: str, department: str = "", *, aliases: tuple[str, ...] = (), **knobs: object
) -> None:
    """Somebody new at the demo company with the password of its people, whom mail programs can sign in as too; `knobs` as
    `new_account` takes them.
    """

    async def prepare(node: Node) -> None:
        person = NewPerson(login, name, department=department)
        account = await node.services.provisioning.person(person, DEMO_PASSWORD)
        for alias in aliases:
            await node.store.add_address(alias, account.id)
        for knob, value in knobs.items():
            named = knob.replace("__", ".").replace("_", "-")
            await node.services.governing.set_knob(_CLI, PolicyRule(named, Scope("account", str(account.id)), value))  # type: ignore[arg-type]
        await obeyed(node)

    on_node(company.node.directory, prepare)
