"""Evidence tables name what exists; the bill of materials is made of the locks and has its shape (CycloneDX 1.6)."""

import json
import re

import pytest
from tests.unit.house.tree import ROOT, tool

TABLES = sorted(path for path in (ROOT / "docs" / "compliance").glob("*.md") if path.name != "README.md")
STATES = {"충족", "부분", "미충족", "해당 없음", "기관"}
LEAST = {"kwcag": 33, "weaknesses": 49, "gs": 15, "cc": 25, "csap": 20, "isms-p": 30}
PLACE = re.compile(r"`((?:tests|docs|src|web|tools|README|pyproject)[^`\s]*)`")
COMMAND = re.compile(r"`\./smartmail ([a-z-]+)(?: ([a-z-]+))?`")


def rows(path):
    """Return the cells of a table's rows."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[2] != "상태" and set(cells[0]) != {"-"}:
            found.append(cells)
    return found


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_item_has_a_state_and_what_proves_it(path):
    found = rows(path)
    assert len(found) >= LEAST[path.stem]
    for item in found:
        assert item[2] in STATES, item
        proofs = PLACE.findall(item[3]) + COMMAND.findall(item[3])
        if item[2] == "충족":
            assert proofs, item
        elif item[2] == "부분":
            # What lacks is said in words beside what there is.
            assert (
                proofs and len(re.sub(r"`[^`]*`", "", item[3]).strip(" ,.:;")) > 4 or path.stem in {"gs", "isms-p"}
            ), item
        else:
            assert len(item[3]) > 5, item


def test_every_scheme_has_its_table():
    assert {path.stem for path in TABLES} == set(LEAST)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_what_is_named_exists(path):
    for _, _, _, proof in rows(path):
        for named in PLACE.findall(proof):
            name, _, test = named.partition("::")
            assert (ROOT / name).exists(), named
            if test:
                text = (ROOT / name).read_text(encoding="utf-8")
                assert re.search(rf"^(?:async )?def {test}\(", text, re.MULTILINE), named
        for command, act in COMMAND.findall(proof):
            reference = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
            section = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL)
            assert section, command
            assert not act or re.search(rf"\b{act}\b", section[1]), (command, act)


@pytest.mark.parametrize(("name", "numbers"), [("kwcag", 33), ("weaknesses", 49)])
def test_numbered_items_are_there_once(name, numbers):
    found = [row[0] for row in rows(ROOT / "docs" / "compliance" / f"{name}.md")]
    assert len(found) == len(set(found)) == numbers


# The bill of materials


def test_the_bill_is_that_of_the_locks():
    made = tool("sbom")
    assert made.TARGET.read_text(encoding="utf-8") == made.made()


def test_the_bill_has_the_shape_that_its_standard_asks_for():
    bill = json.loads((ROOT / "docs" / "compliance" / "sbom.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", bill["serialNumber"])
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(references) == len(set(references)) > 100
    for one in bill["components"]:
        assert one["type"] == "library" and one["name"] and one["version"] and one["scope"] in {"required", "excluded"}
        assert re.fullmatch(r"pkg:(pypi|npm)/[^@\s]+@\S+", one["purl"])
        for digest in one.get("hashes", ()):
            length = {"SHA-256": 64, "SHA-512": 128}[digest["alg"]]
            assert re.fullmatch(rf"[0-9a-f]{{{length}}}", digest["content"])
    [root] = bill["dependencies"]
    assert root["ref"] == bill["metadata"]["component"]["bom-ref"]
    assert set(root["dependsOn"]) == {one["bom-ref"] for one in bill["components"] if one["scope"] == "required"}
    assert set(root["dependsOn"]) <= set(references)


def test_a_lock_is_read_with_its_hashes():
    text = (
        "Foo_Bar[x]==1.2 \\\n    --hash=sha256:"
        + "a" * 64
        + " \\\n    --hash=sha256:"
        + "b" * 64
        + "\nqux==3 ; python_version\n"
    )
    foo, qux = tool("sbom").python_components(text, "required")
    assert (foo["purl"], len(foo["hashes"])) == ("pkg:pypi/foo-bar@1.2", 2)
    assert (qux["version"], qux["hashes"]) == ("3", [])


# Sizing


def test_the_sizing_table_is_that_of_the_measured_figures():
    sizing = tool("sizing")
    assert sizing.TARGET.read_text(encoding="utf-8") == sizing.made()


def test_more_people_never_need_less():
    sizing = tool("sizing")
    figures = sizing.measured()
    sizes = [sizing.size(people, figures) for people in sizing.PEOPLE]
    for less, more in zip(sizes, sizes[1:]):
        for name in ("cores", "memory_gib", "disk_gib", "iops", "nodes", "peak_messages_s"):
            assert getattr(less, name) <= getattr(more, name), name
    # Twice the cost of a message needs more cores where mail is what counts.
    dear = sizing.Figures(figures.ingest_cpu_s * 40, figures.index_cpu_s, figures.operation_cpu_ms, figures.idle_kib, 1)
    assert sizing.size(30_000, dear).cores > sizes[-1].cores
