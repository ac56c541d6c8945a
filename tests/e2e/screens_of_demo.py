"""Every screen, dialog, menu and panel that the demo build has the data for: how it is opened, and which sources it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator
    from tests.e2e.crawl import Visit

ROW = "[role=row] .subject"
SMALL = "?size=60"


@dataclass(frozen=True)
class View:
    """A name, the sources that stand on the screen (without `.svelte`), and the way there."""

    name: str
    shows: tuple[str, ...]
    open: Callable[[Visit], None]
    deaf: bool = False
    """It hears of no other language while it stands."""


DEMO: list[View] = []


def view(*shows: str, deaf: bool = False) -> Callable[[Callable[[Visit], None]], Callable[[Visit], None]]:
    """Enter a way to a screen under the name of its function."""

    def enter(way: Callable[[Visit], None]) -> Callable[[Visit], None]:
        DEMO.append(View(way.__name__.replace("_", "-"), shows, way, deaf))
        return way

    return enter


def mail(visit: Visit, hash_: str = "") -> None:
    """The list of the inbox."""
    visit.at(f"{SMALL}#{hash_}", ROW)


def article(visit: Visit) -> Locator:
    """The open message."""
    return visit.page.get_by_role("article").first


def read(visit: Visit, search: str = "") -> None:
    """Open the first message, or the first that is found."""
    visit.at(f"{SMALL}#?q={search}" if search else f"{SMALL}#", ROW)
    visit.page.locator("#row-0 .subject").click()
    visit.page.frame_locator("article iframe").locator(".letter").first.wait_for()


def write(visit: Visit) -> Locator:
    """A letter that has been begun; its window."""
    mail(visit)
    visit.page.keyboard.press("c")
    visit.page.get_by_role("combobox", name=visit.w("compose.to")).fill("a@outside.example,")
    window = visit.page.locator("section.window").last
    window.locator(".letter-text").wait_for()
    visit.page.get_by_role("textbox", name=visit.w("compose.subject")).fill("Q4")
    return window


def tool(visit: Visit, window: Locator, key: str) -> None:
    """Press a tool of a letter; what has no room on a phone is behind the three dots."""
    if visit.phone:
        visit.press("editor.more", window)
    visit.press(key, window)


def dialog(visit: Visit) -> Locator:
    """The open dialog or popover."""
    found = visit.page.locator("dialog[open]:visible, [role=dialog]:visible").last
    found.wait_for()
    return found


def menu(visit: Visit) -> None:
    """Until a menu is open."""
    visit.page.get_by_role("menu").first.wait_for()


@view("screens/MailScreen", "panels/ListPanel", "panels/Toolbar")
def the_list(visit: Visit) -> None:
    mail(visit)


@view("panels/Rail", "search/SmartFolders", "reading/TagList")
def the_rail(visit: Visit) -> None:
    mail(visit)
    visit.rail()


@view("panels/MoreMenu")
def many_chosen(visit: Visit) -> None:
    mail(visit)
    for key in "jxjx":
        visit.page.keyboard.press(key)
    visit.press("action.more", visit.page.locator("main .list"))
    menu(visit)


@view("screens/StartFailed", deaf=True)
def start_failed(visit: Visit) -> None:
    visit.at("?broken=1", "[role=alert]")


@view("panels/AccountMenu")
def account_menu(visit: Visit) -> None:
    mail(visit)
    visit.rail()
    visit.press("nav.account")
    dialog(visit)


@view("panels/HelpDialog")
def help_dialog(visit: Visit) -> None:
    mail(visit)
    visit.page.keyboard.press("?")
    dialog(visit)


@view("panels/Palette")
def palette(visit: Visit) -> None:
    mail(visit)
    visit.page.keyboard.press("Control+k")
    visit.page.get_by_role("listbox").get_by_role("option").first.wait_for()


@view("panels/ConfirmDialog")
def confirm_dialog(visit: Visit) -> None:
    mail(visit, "trash")
    visit.page.locator("#row-0 .subject").click()
    article(visit).wait_for()
    visit.page.keyboard.press("#")
    dialog(visit)


@view("panels/MoveMenu")
def move_menu(visit: Visit) -> None:
    read(visit)
    tools = article(visit).get_by_role("button", name=visit.w("action.move"), exact=True)
    (
        tools if tools.count() else visit.page.get_by_role("button", name=visit.w("action.move"), exact=True)
    ).first.click()
    menu(visit)


@view("reading/TagMenu")
def tag_menu(visit: Visit) -> None:
    read(visit)
    visit.page.keyboard.press("l")
    menu(visit)


@view("reminders/SnoozeMenu")
def snooze_menu(visit: Visit) -> None:
    read(visit)
    visit.press("snooze.title")
    menu(visit)


@view("reminders/HourDialog")
def hour_dialog(visit: Visit) -> None:
    snooze_menu(visit)
    visit.choose("plan.choose")
    dialog(visit)


@view("reading/TagDialog")
def tag_dialog(visit: Visit) -> None:
    mail(visit)
    visit.rail()
    visit.press("tag.make")
    dialog(visit)


@view("sharing/MailboxMenu", "sharing/MailboxActs")
def mailbox_menu(visit: Visit) -> None:
    mail(visit)
    visit.rail()
    visit.page.get_by_role("link", name=re.compile("거래처")).click(button="right")
    menu(visit)


@view("sharing/FolderDialog")
def folder_dialog(visit: Visit) -> None:
    mailbox_menu(visit)
    visit.choose("folder.change")
    dialog(visit)


@view("search/SearchWaysButton", "search/SearchWays")
def search_ways(visit: Visit) -> None:
    mail(visit, "?q=예산")
    visit.press("search.ways")
    visit.page.get_by_role("radiogroup").nth(3).wait_for()


@view("search/SaveSearch")
def save_search(visit: Visit) -> None:
    mail(visit, "?q=예산")
    visit.press("smart.save")
    visit.page.get_by_label(visit.w("smart.name")).wait_for()


@view("search/DetailedSearch", "search/AskedMore", "search/AskedPeriod", "search/PersonField", "search/DetailedButton")
def detailed_search(visit: Visit) -> None:
    mail(visit, "?q=from:서준")
    visit.press("search.detailed")
    visit.page.get_by_text(visit.w("search.between"), exact=True).click()
    visit.page.get_by_label(visit.w("search.last")).wait_for()


@view("search/SearchSuggestions", "panels/SearchBox", "search/LineChips")
def search_suggestions(visit: Visit) -> None:
    mail(visit)
    if visit.phone:
        visit.press("nav.search")
    box = visit.page.get_by_role("combobox", name=visit.w("search.label"))
    box.click()
    box.press_sequentially("from")
    visit.page.get_by_role("option").first.wait_for()


@view("panels/ListEmpty")
def nothing_found(visit: Visit) -> None:
    visit.at(f"{SMALL}#?q=없는낱말", "h2, h3, .empty")
    visit.page.get_by_text("없는낱말").last.wait_for()


@view("search/Relaxations")
def less_asked(visit: Visit) -> None:
    visit.at(f"{SMALL}#?q=예산 없는낱말", ".empty")
    visit.page.get_by_role("list", name=visit.w("relax.title")).wait_for()


@view("panels/ReadingPane", "panels/ReadingTools")
def reading(visit: Visit) -> None:
    read(visit)


@view("reading/PicturesBanner")
def pictures_of_whom(visit: Visit) -> None:
    read(visit)
    visit.press("pictures.always", article(visit))
    menu(visit)


@view("reading/DetailsPanel", "reading/Route", "reading/WarningBanner")
def details(visit: Visit) -> None:
    read(visit, "from:yuanda")
    visit.press("reading.showDetails", article(visit))
    visit.press("details.open", article(visit))
    visit.page.get_by_role("list", name=visit.w("details.route")).first.wait_for()


@view("people/PersonCard", "people/VipButton", "reading/PersonName")
def person_card(visit: Visit) -> None:
    read(visit)
    article(visit).locator("header .from button.name").click()
    name = re.compile(f"^{re.escape(visit.w('person.exchanged'))}[0-9]")
    dialog(visit).get_by_role("button", name=name).wait_for()


@view("reading/EveryName")
def every_name(visit: Visit) -> None:
    read(visit)
    visit.press("reading.showDetails", article(visit))
    article(visit).locator("dl").wait_for()


@view("preview/PreviewDialog", "preview/TextView")
def preview(visit: Visit) -> None:
    read(visit, "filename:xlsx")
    visit.page.get_by_role("region", name=visit.w("filter.attachment")).get_by_role(
        "button", name=re.compile("xlsx")
    ).first.click()
    dialog(visit).get_by_role("table").first.wait_for()


@view("panels/Composer")
def composer(visit: Visit) -> None:
    write(visit)


@view("writing/BeforeSending")
def before_sending(visit: Visit) -> None:
    visit.at(f"{SMALL}&told=%7B%22confirmSending%22:%22always%22%7D#", ROW)
    visit.page.keyboard.press("c")
    visit.page.get_by_role("combobox", name=visit.w("compose.to")).fill("a@outside.example,")
    visit.page.get_by_role("textbox", name=visit.w("compose.subject")).fill("Q4")
    visit.press("action.send", visit.page.locator("section.window"))
    dialog(visit)


@view("writing/OptionsMenu")
def writing_options(visit: Visit) -> None:
    visit.press("options.title", write(visit))
    dialog(visit)


@view("writing/PlanMenu")
def plan_menu(visit: Visit) -> None:
    visit.press("plan.title", write(visit))
    menu(visit)


@view("writing/RepeatDialog", "writing/RepeatDraft")
def repeat_dialog(visit: Visit) -> None:
    plan_menu(visit)
    visit.choose("repeat.choose")
    dialog(visit)


@view("writing/TemplateMenu", "writing/TeamTemplates")
def template_menu(visit: Visit) -> None:
    visit.press("template.title", write(visit))
    menu(visit)


@view("writing/KeepTemplate")
def keep_template(visit: Visit) -> None:
    window = write(visit)
    window.locator(".letter-text").click()
    visit.page.keyboard.insert_text("…")
    visit.press("template.title", window)
    visit.choose("template.keep")
    dialog(visit)


@view("writing/ColourMenu")
def colour_menu(visit: Visit) -> None:
    tool(visit, write(visit), "editor.colour")
    visit.page.locator("button", has_text=visit.w("editor.noColour")).first.wait_for()


@view("writing/EditorTools")
def table_tools(visit: Visit) -> None:
    window = write(visit)
    tool(visit, window, "editor.tableNew")
    window.locator(".letter-text table").wait_for()


@view("writing/FaceMenus")
def face_menu(visit: Visit) -> None:
    visit.press("editor.face", write(visit))
    menu(visit)


@view("panels/SortMenu")
def sort_menu(visit: Visit) -> None:
    mail(visit)
    # A phone has no room for orders.
    if not visit.phone:
        visit.press("order.label", order=visit.w("order.newest"))
        menu(visit)


@view("writing/DirectoryPicker", "people/PeoplePicker", "people/PickList", "people/PickedFields")
def directory_picker(visit: Visit) -> None:
    visit.press("directory.title", write(visit))
    dialog(visit).get_by_role("checkbox").nth(1).wait_for()


@view("panels/LinkForm")
def link_form(visit: Visit) -> None:
    tool(visit, write(visit), "editor.link")


@view("people/AbsenceMark", "panels/Suggestions")
def suggestions(visit: Visit) -> None:
    write(visit)
    visit.page.get_by_role("combobox", name=visit.w("compose.to")).fill("서준")
    visit.page.get_by_role("option").first.wait_for()


@view("contacts/ContactsScreen", "contacts/CardPanel")
def contacts(visit: Visit) -> None:
    visit.at(f"{SMALL}#/contacts", ".section [role=row]")
    visit.page.locator(".section [role=row]").filter(has_text="오세린").first.click()
    visit.page.get_by_role("complementary").wait_for()


@view("contacts/CardForm")
def contact_form(visit: Visit) -> None:
    visit.at(f"{SMALL}#/contacts", ".section [role=row]")
    visit.press("contacts.new", visit.page.locator(".section"))
    visit.page.get_by_role("complementary").wait_for()


@view("contacts/ContactsHead")
def contacts_menu(visit: Visit) -> None:
    visit.at(f"{SMALL}#/contacts", ".section [role=row]")
    visit.press("action.more", visit.page.locator(".section header").first)
    menu(visit)


@view("contacts/ImportDialog")
def contacts_import(visit: Visit) -> None:
    contacts_menu(visit)
    visit.choose("contacts.import")
    found = dialog(visit)
    found.locator("input[type=file]").set_input_files(
        {
            "name": "people.vcf",
            "mimeType": "text/vcard",
            "buffer": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n",
        }
    )
    found.get_by_role("row").nth(1).wait_for()


@view("contacts/MergeDialog")
def contacts_merge(visit: Visit) -> None:
    contacts_menu(visit)
    visit.choose("contacts.merge")
    dialog(visit)


@view("contacts/BookNav")
def contact_books(visit: Visit) -> None:
    visit.at(f"{SMALL}#/contacts", ".section [role=row]")
    if visit.phone:
        visit.press("contacts.booksAndGroups")
        dialog(visit)
    name = re.compile(re.escape(visit.w("folder.acts", name="")).strip() + "$")
    visit.page.locator(".section, dialog").get_by_role("button", name=name).last.click(force=True)
    menu(visit)


@view("contacts/NameDialog")
def contact_group_name(visit: Visit) -> None:
    visit.at(f"{SMALL}#/contacts", ".section [role=row]")
    if visit.phone:
        visit.press("contacts.booksAndGroups")
    visit.press("contacts.makeGroup")
    dialog(visit).get_by_label(visit.w("contacts.name")).last.wait_for()


@view("contacts/PickedActs", "people/PickedBar")
def contacts_chosen(visit: Visit) -> None:
    visit.at(f"{SMALL}#/contacts", ".section [role=row]")
    visit.page.locator(".section [role=row]").first.get_by_role("checkbox").check()
    visit.press("contacts.intoGroup")
    menu(visit)


@view("organization/OrganizationScreen", "people/DepartmentTree", "organization/ColleagueCard")
def organization(visit: Visit) -> None:
    visit.at(f"{SMALL}#/organization", ".section [role=row]")
    visit.page.locator(".section [role=row]").first.click()
    visit.page.get_by_role("complementary").wait_for()


@view("drawer/DrawerScreen")
def drawer(visit: Visit) -> None:
    visit.at(f"{SMALL}#/attachments", ".section tr td")


@view("drawer/Usage")
def usage(visit: Visit) -> None:
    drawer(visit)
    visit.press("usage.title", visit.page.locator(".section"))
    visit.page.get_by_role("heading", name=visit.w("usage.senders")).wait_for()


@view("reading/QuarantineScreen")
def quarantine(visit: Visit) -> None:
    visit.at(f"{SMALL}#/quarantine", "li.held")


@view(
    "approvals/ApprovalsScreen", "approvals/ApprovalList", "approvals/ApprovalPanel", "approvals/ApprovalLetter",
    "approvals/HistoryList", "approvals/DecisionBar",
)  # fmt: skip
def approvals(visit: Visit) -> None:
    visit.at(f"{SMALL}&approvals#/approvals/a1", ".section h1, .section h2")
    visit.page.get_by_role("heading", name="고객 명단 정정 요청").wait_for()


@view("approvals/SenderBar", "people/CautionList")
def approval_of_sender(visit: Visit) -> None:
    visit.at(f"{SMALL}&approvals#/approvals/a6", ".section h1, .section h2")
    visit.page.get_by_role("checkbox", name=visit.w("approval.without")).wait_for()


@view("approvals/DeputyForm")
def approval_deputy(visit: Visit) -> None:
    visit.at(f"{SMALL}&approvals#/approvals/deputy", ".section h1, .section h2")
    visit.page.get_by_role("combobox", name=visit.w("approval.deputyWho")).wait_for()


@view("reminders/RemindersScreen")
def snoozed(visit: Visit) -> None:
    visit.at(f"{SMALL}#/snoozed", ".section h1, .section h2")


@view("writing/ScheduledScreen")
def scheduled(visit: Visit) -> None:
    visit.at(f"{SMALL}#/scheduled", ".section h1, .section h2")


@view("writing/RecurringList")
def recurring_mail(visit: Visit) -> None:
    repeat_dialog(visit)
    visit.press("repeat.do", dialog(visit))
    visit.page.locator("section.window").wait_for(state="detached")
    visit.page.evaluate("location.hash = '/scheduled'")
    visit.page.locator("li .when").first.wait_for()


@view("writing/ReceiptsScreen")
def receipts(visit: Visit) -> None:
    visit.at(f"{SMALL}#/receipts", ".section h1, .section h2")


@view(
    "screens/SettingsScreen", "panels/SettingsList", "settings/LookPage", "settings/ThemeCards", "settings/PictureTrust"
)
def settings_look(visit: Visit) -> None:
    visit.at(f"{SMALL}#/settings/look", ".settings .content > *")


@view("settings/AdvancedPage", "search/SearchWays")
def settings_advanced(visit: Visit) -> None:
    visit.at(f"{SMALL}#/settings/advanced", ".settings .content > *")


@view("settings/DevicePage")
def settings_device(visit: Visit) -> None:
    visit.at(f"{SMALL}#/settings/device", ".settings .content > *")


@view("screens/SectionScreen")
def nowhere(visit: Visit) -> None:
    visit.at(f"{SMALL}#/nowhere", ".section h1, .section h2")


@view("settings/account/AccountPage")
def settings_account(visit: Visit) -> None:
    visit.at(f"{SMALL}#/settings/account", ".settings .content > *")


@view("writing/WritingPage", "writing/FormatChoice")
def settings_writing(visit: Visit) -> None:
    visit.at(f"{SMALL}#/settings/writing", ".settings .content > *")
    visit.press("signature.add")
    visit.page.get_by_label(visit.w("signature.words")).first.wait_for()


@view("teamwork/WorkPanel", "teamwork/Notes", "sharing/SharedRail")
def shared_mail(visit: Visit) -> None:
    mail(visit)
    visit.rail()
    visit.page.get_by_role("link", name=re.compile("접수|고객")).first.click()
    visit.page.locator("#row-0 .subject").click()
    visit.page.get_by_role("region", name=visit.w("team.label")).wait_for()


@view("teamwork/AssignMenu")
def assign_menu(visit: Visit) -> None:
    shared_mail(visit)
    visit.press("team.assign")
    visit.page.get_by_role("menuitemradio").first.wait_for()
