"""The guides and their pictures belong together: each picture that a chapter names is there, none lies about, each is told
in the chapter's language, and what a chapter for employees prints in bold is what the screen says.
"""

import io
import json
import re

import pytest
from PIL import Image
from tests.guide import admin_scenes, setup_scenes, user_scenes
from tests.guide.album import LANGUAGES, MOST_OCTETS, MOST_OCTETS_OF_ALL, ROOT, SCENES, folder, small

assert admin_scenes
assert setup_scenes
assert user_scenes
GUIDES = ("user", "admin")
CHAPTERS = sorted(path for guide in GUIDES for path in (ROOT / "docs" / f"guide-{guide}").glob("*/*.md"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
HANGUL = re.compile(r"[가-힣]")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Words of mail programs, and rights that administrators give: no texts of the webmail.
NOT_OF_THE_SCREEN = {"IMAP", "그 주소로 보내기", "아웃룩", "선더버드", "아이폰, 아이패드, 맥", "다른 프로그램", "iPhone, iPad, Mac",
                     "Outlook", "Thunderbird", "Others", "설정", "Settings", "+"}  # fmt: skip


def named(chapter):
    """Return (alternative text, file) of every picture of a chapter."""
    return [(alt, (chapter.parent / target).resolve()) for alt, target in PICTURE.findall(chapter.read_text("utf-8"))]


def taken(guide, language):
    return {
        folder(guide, language) / f"{name}.png"
        for scene in SCENES.values()
        if scene.guide == guide
        for name in scene.takes
    }


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.relative_to(ROOT / "docs").as_posix())
def test_each_picture_that_a_chapter_names_is_there_and_told_in_its_language(chapter):
    language = chapter.parent.name
    for alt, file in named(chapter):
        assert file.exists(), file.name
        assert file.parent.name == language
        assert len(alt) >= 10, f"{file.name} is not told"
        assert bool(HANGUL.search(alt)) == (language == "ko"), alt


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_picture_is_taken_by_a_scene_and_named_once(guide, language):
    lying = set(folder(guide, language).iterdir())
    told = [
        file
        for chapter in CHAPTERS
        if chapter.parent == folder(guide, language).parents[1] / language
        for _, file in named(chapter)
    ]
    assert lying == {path.resolve() for path in taken(guide, language)}
    assert sorted(told) == sorted(lying)


def test_pictures_are_small_and_can_be_opened():
    files = [file for guide in GUIDES for language in LANGUAGES for file in folder(guide, language).iterdir()]
    for file in files:
        assert file.stat().st_size <= MOST_OCTETS, file
        with Image.open(file) as picture:
            assert picture.format == "PNG"
            picture.load()
    assert sum(file.stat().st_size for file in files) <= MOST_OCTETS_OF_ALL


def test_the_guides_have_the_same_chapters_in_both_languages():
    for guide in GUIDES:
        korean, english = (
            {path.name for path in (ROOT / "docs" / f"guide-{guide}" / one).glob("*.md")} for one in LANGUAGES
        )
        assert korean == english


def test_the_readme_of_the_user_guide_leads_to_every_chapter():
    readme = (ROOT / "docs" / "guide-user" / "README.md").read_text("utf-8")
    for chapter in CHAPTERS:
        if chapter.parent.parent.name == "guide-user":
            assert f"({chapter.parent.name}/{chapter.name})" in readme


def said_by_the_screen(language):
    """Return the texts of the webmail in a language, of plurals each form, and those of the mail without a script."""
    texts = json.loads((ROOT / "web" / "i18n" / "catalogues" / f"{language}.json").read_text("utf-8"))
    served = json.loads((ROOT / "src" / "smartmail" / "app" / "catalogues" / f"{language}.json").read_text("utf-8"))
    texts |= {key: text for key, text in served.items() if key.startswith("basic.")}
    forms = [each for text in texts.values() for each in (text.values() if isinstance(text, dict) else [text])]
    return {text.strip(" .?:!…") for text in forms}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_bold_is_what_the_screen_says(language):
    said = said_by_the_screen(language) | NOT_OF_THE_SCREEN
    wrong = set()
    for chapter in sorted((ROOT / "docs" / "guide-user" / language).glob("*.md")):
        for words in BOLD.findall(chapter.read_text("utf-8")):
            wrong |= {(chapter.name, one) for one in re.split(r" → ", words) if one.strip(" .?:!…") not in said}
    assert wrong == set()


def test_a_picture_with_too_much_in_it_is_refused():
    noise = Image.effect_noise((900, 900), 200).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    with pytest.raises(AssertionError, match="crop"):
        small(out.getvalue())
