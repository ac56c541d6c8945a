"""Documents as the word processor Hangul saved them: the text of each HWP 5 file is that of its HML twin.

HML is the same document as XML, written by the same program, and read here by nothing of ours: an independent reader.
"""

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from smartmail.formats.extract.reading import extract

FOLDER = Path(__file__).parent / "by_hangul"
SIGNS = {"HYPEN": "-", "TAB": "\t", "LINEBREAK": "\n", "NBSPACE": " ", "FWSPACE": " "}
"""Elements inside of CHAR that stand for a character."""
NAMES = sorted(one.stem for one in FOLDER.glob("*.hwp"))


def paragraphs(name: str) -> list[str]:
    """Return the paragraphs of the HML twin, those in tables, boxes, headers and notes too, without white space."""
    body = ElementTree.fromstring(gzip.decompress((FOLDER / f"{name}.hml.gz").read_bytes())).find("BODY")
    assert body is not None
    found = ["".join(_text(char) for char in one.findall("TEXT/CHAR")) for one in body.iter("P")]
    return [text for text in map(_tight, found) if text]


def _text(char: ElementTree.Element) -> str:
    return (char.text or "") + "".join(SIGNS.get(one.tag, "") + (one.tail or "") for one in char)


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_there_are_documents():
    assert len(NAMES) == 9
    assert sum(len(paragraphs(name)) for name in NAMES) > 100


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_that_of_the_program_itself(name):
    found = extract((FOLDER / f"{name}.hwp").read_bytes(), "application/x-hwp", f"{name}.hwp")
    # sample-1 holds an OLE object of a program that nobody reads: it is said.
    assert found.problem == ("unsupported" if name == "sample-sample-1" else None)
    assert not found.truncated
    wanted, text = paragraphs(name), _tight(found.text)
    assert [one for one in wanted if one not in text] == []
    if found.problem is None:
        # Nothing else, and nothing twice.
        assert sorted(text) == sorted("".join(wanted))
