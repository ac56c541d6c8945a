"""Every screen of the webmail that needs a node behind it, and the doors before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.screens_of_demo import ROW, View, dialog, menu

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator
    from tests.e2e.crawl import Visit

NODE: list[View] = []
DOORS: list[View] = []
FOLDER = "납품"
BULLETIN = "12월 안전교육"
SENT = "지난달 견적 회신"
INVITED = "신년 업무 회의"


def _enter(
    into: list[View], shows: tuple[str, ...], *, deaf: bool
) -> Callable[[Callable[[Visit], None]], Callable[[Visit], None]]:
    def enter(way: Callable[[Visit], None]) -> Callable[[Visit], None]:
        into.append(View(way.__name__.replace("_", "-"), shows, way, deaf))
        return way

    return enter


def view(*shows: str, deaf: bool = False) -> Callable[[Callable[[Visit], None]], Callable[[Visit], None]]:
    """Enter a way to a screen of somebody who is signed in."""
    return _enter(NODE, shows, deaf=deaf)


def door(*shows: str) -> Callable[[Callable[[Visit], None]], Callable[[Visit], None]]:
    """Enter a way to a page for somebody who is not."""
    return _enter(DOORS, shows, deaf=True)


def page(visit: Visit, name: str) -> Locator:
    """Open a page of the settings."""
    visit.at(f"#/settings/{name}", ".settings .content > *")
    return visit.page.locator(".settings .content")


def pressed(visit: Visit, name: str, key: str) -> None:
    """Open a page of the settings, and what a button on it opens."""
    visit.press(key, page(visit, name))
    dialog(visit)


@view("bulletins/BulletinPopup")
def bulletin_popup(visit: Visit) -> None:
    # Once for each person, and theirs comes up when they sign in.
    dialog(visit).get_by_text(BULLETIN).first.wait_for()


@view("bulletins/BulletinBar")
def bulletin_bar(visit: Visit) -> None:
    visit.at("#", ROW)
    visit.page.get_by_text(BULLETIN).first.wait_for()


@view("bulletins/BulletinsScreen")
def bulletins(visit: Visit) -> None:
    visit.at("#/bulletins", ".section h1, .section h2")
    visit.page.locator(".section").get_by_text(BULLETIN).first.wait_for()


@view("invitation/InvitationCard", "invitation/ProposeTime")
def invitation(visit: Visit) -> None:
    visit.at(f"#?q=subject:{INVITED.split(' ', maxsplit=1)[0]}", ROW)
    visit.page.locator("#row-0 .subject").click()
    visit.page.get_by_role("region", name=visit.w("invitation.label")).wait_for()


@view("sharing/ShareDialog")
def share_dialog(visit: Visit) -> None:
    visit.at("#", ROW)
    visit.rail()
    visit.page.get_by_role("link", name=FOLDER).click(button="right")
    menu(visit)
    visit.choose("share.open")
    dialog(visit)


@view("writing/ReceiptPanel")
def receipt_panel(visit: Visit) -> None:
    visit.at("#", ROW)
    visit.page.keyboard.press("c")
    visit.page.get_by_role("combobox", name=visit.w("compose.to")).fill("jiwoo.lee@hanbit.example,")
    visit.page.get_by_role("textbox", name=visit.w("compose.subject")).fill(SENT)
    # The window goes before the letter has: a page that is left now keeps it among the drafts.
    with visit.page.expect_response(lambda answer: "EmailSubmission/set" in (answer.request.post_data or "")):
        visit.press("action.send", visit.page.locator("section.window"))
    visit.page.locator("section.window").wait_for(state="detached")
    visit.at("#/receipts", ".section h1, .section h2")
    # It leaves once sending cannot be undone any more.
    visit.page.locator(".section").get_by_text(SENT).first.click(timeout=60_000)
    visit.page.get_by_role("table").first.wait_for()


@view("bigfiles/BigFilesScreen")
def big_files(visit: Visit) -> None:
    visit.at("#/big-files", ".section h1, .section h2")


@view("bigfiles/LinkDialog")
def link_dialog(visit: Visit) -> None:
    visit.at("#/big-files", ".section h1, .section h2")
    make = visit.page.get_by_role("button", name=visit.w("big.makeLink"))
    if not make.count():
        file = {"name": "설계 도면 최종본.txt", "mimeType": "text/plain", "buffer": b"drawing"}
        visit.page.locator(".section input[type=file]").set_input_files([file])
    make.first.click()
    dialog(visit)


@view("rules/RulesPage")
def rules(visit: Visit) -> None:
    page(visit, "rules")


@view("rules/RuleDialog", "rules/ConditionRow", "rules/ActionRow")
def rule_dialog(visit: Visit) -> None:
    pressed(visit, "rules", "rules.new")


@view("rules/RawScript")
def raw_script(visit: Visit) -> None:
    page(visit, "rules").get_by_role("tab", name=visit.w("rules.raw")).click()
    visit.page.locator(".content textarea").wait_for()


@view("rules/VacationPage")
def vacation(visit: Visit) -> None:
    page(visit, "vacation").get_by_role("switch").first.click()
    visit.page.get_by_label(visit.w("vacation.from")).wait_for()


@view("rules/ForwardPage")
def forward(visit: Visit) -> None:
    page(visit, "forward")


@view("rules/SendersPage", "people/VipPeople")
def senders(visit: Visit) -> None:
    page(visit, "senders")


@view("settings/account/AccountPage", "settings/account/PhotoChoice")
def account(visit: Visit) -> None:
    page(visit, "account")


@view("settings/account/SecurityPage", "settings/account/AttemptGroup")
def security(visit: Visit) -> None:
    page(visit, "security")


@view("settings/account/PasswordGroup")
def new_password(visit: Visit) -> None:
    pressed(visit, "security", "account.changePassword")


@view("settings/account/FactorGroup", "proof/EnrolStep")
def new_factor(visit: Visit) -> None:
    pressed(visit, "security", "proof.add")


@view("settings/account/RecoveryGroup")
def recovery(visit: Visit) -> None:
    pressed(visit, "security", "account.recoverySet")


@view("settings/account/TravelGroup")
def travel(visit: Visit) -> None:
    pressed(visit, "security", "travel.ask")


@view("settings/account/SessionsPage", "settings/account/SessionGroup", "settings/account/DeviceGroup")
def sessions(visit: Visit) -> None:
    page(visit, "sessions")


@view("settings/account/ProgramsPage")
def programs(visit: Visit) -> None:
    page(visit, "programs")


@view("settings/account/NewOpener")
def new_app_password(visit: Visit) -> None:
    pressed(visit, "programs", "programs.newApp")


@view("settings/account/NewCertificate")
def new_certificate(visit: Visit) -> None:
    pressed(visit, "programs", "programs.newCertificate")


@view("settings/account/LooksPage")
def looks(visit: Visit) -> None:
    page(visit, "looks")


@view("pulls/PullsPage")
def pulls(visit: Visit) -> None:
    page(visit, "pulls")


@view("pulls/PullDialog", "pulls/PullTarget")
def pull_dialog(visit: Visit) -> None:
    pressed(visit, "pulls", "pulls.add")


@view("parcels/ParcelsPage")
def parcels(visit: Visit) -> None:
    page(visit, "parcels")


@view("parcels/AskDialog")
def parcel_ask(visit: Visit) -> None:
    pressed(visit, "parcels", "parcels.askTitle")


@view("parcels/SendDialog")
def parcel_send(visit: Visit) -> None:
    pressed(visit, "parcels", "parcels.sendTitle")


@view("sharing/JoinPage")
def shared_mailboxes(visit: Visit) -> None:
    page(visit, "join")


@view("sharing/DelegatesPage")
def delegates(visit: Visit) -> None:
    page(visit, "delegates")


@view("sharing/DelegateDialog")
def delegate(visit: Visit) -> None:
    pressed(visit, "delegates", "delegates.give")


@view("proof/FactorList", "screens/ProofDoor", deaf=True)
def proof_list(visit: Visit) -> None:
    # It is opened again in each language.
    visit.at("proof", ".card button")


@view("screens/Connect", deaf=True)
def connect(visit: Visit) -> None:
    visit.at("connect", "table")


@door("screens/SignIn", "screens/Door")
def sign_in(visit: Visit) -> None:
    visit.at("", "form input")


@door("screens/SetUp")
def set_up(visit: Visit) -> None:
    visit.at("setup#token", "form input")


@door("proof/ForgotStep")
def forgot(visit: Visit) -> None:
    visit.at("proof#forgot", "form input")


@door("proof/ObjectStep")
def objecting(visit: Visit) -> None:
    visit.at("proof#object=none", ".card button, form input")


@door("screens/CertificateDoor", "screens/CertificateForm")
def certificate(visit: Visit) -> None:
    visit.at("certificate", "form input, .card button")
