"""Writes docs/compliance/sbom.json: the software bill of materials (CycloneDX 1.6), out of the lock files and nothing else.

    python tools/sbom.py [--check]

The same locks give the same octets: no time, no random number. What only builds or tests (requirements-dev.lock, packages
marked `dev` in web/package-lock.json) is in it with the scope `excluded`.
"""

import argparse
import base64
import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "compliance" / "sbom.json"
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMES = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def python_components(text: str, scope: str) -> list[dict[str, Any]]:
    """Return the components of a lock file of pip: name, version, and the SHA-256 of every file that may be installed."""
    found = []
    starts = list(_REQUIREMENT.finditer(text))
    for number, match in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        name, version = re.sub(r"[-_.]+", "-", match[1]).lower(), match[2]
        purl = f"pkg:pypi/{name}@{version}"
        one: dict[str, Any] = {
            "type": "library", "bom-ref": purl, "name": name, "version": version, "scope": scope, "purl": purl,
        }  # fmt: skip
        if scope == "required":
            # Which of its files is installed depends on the machine: all of them are named.
            hashes = sorted(set(_HASH.findall(text[match.start() : end])))
            one["hashes"] = [{"alg": "SHA-256", "content": digest} for digest in hashes]
        found.append(one)
    return found


def web_components(text: str) -> list[dict[str, Any]]:
    """Return the components of a package-lock.json."""
    found: dict[str, dict[str, Any]] = {}
    for path, package in json.loads(text)["packages"].items():
        if "node_modules/" not in path or package.get("link"):
            continue
        name, version = path.rpartition("node_modules/")[2], package["version"]
        group, _, short = name.rpartition("/")
        purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        scope = "excluded" if package.get("dev") or package.get("devOptional") else "required"
        if purl in found:  # the same package at two places: needed where one of them is
            if scope == "required":
                found[purl]["scope"] = scope
            continue
        one: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": short or name, "version": version}
        if group:
            one["group"] = group
        one |= {"scope": scope, "purl": purl}
        kind, _, digest = package.get("integrity", "").partition("-")
        if kind in {"sha512", "sha256"}:
            one["hashes"] = [{"alg": f"SHA-{kind[3:]}", "content": base64.b64decode(digest).hex()}]
        if isinstance(package.get("license"), str):
            expression = package["license"]
            one["licenses"] = [{"expression": expression} if " " in expression else {"license": {"name": expression}}]
        found[purl] = one
    return list(found.values())


def made() -> str:
    """Return the document."""
    running = python_components((ROOT / "requirements.lock").read_text("utf-8"), "required")
    known = {one["purl"] for one in running}
    tools = [
        one
        for one in python_components((ROOT / "requirements-dev.lock").read_text("utf-8"), "excluded")
        if one["purl"] not in known
    ]
    web = web_components((ROOT / "web" / "package-lock.json").read_text("utf-8"))
    components = sorted([*running, *tools, *web], key=lambda one: one["bom-ref"])
    project = {"type": "application", "bom-ref": "smartmail", "name": "SmartMail", "version": version()}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "version": 1, "metadata": {"component": project}, "components": components,
        "dependencies": [
            {"ref": "smartmail", "dependsOn": sorted(one["bom-ref"] for one in components if one["scope"] == "required")}
        ],
    }  # fmt: skip
    number = uuid.uuid5(_NAMES, json.dumps(document, sort_keys=True))
    document["serialNumber"] = f"urn:uuid:{number}"
    # A line for each component: a change of the locks is a small difference.
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in document.pop("components"))
    head = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    return f'{head[:-2]},\n "components": [\n{lines}\n ]\n}}\n'


def version() -> str:
    """Return the version of the program."""
    match = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    return match[1] if match else "0"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    options = parser.parse_args()
    text = made()
    if options.check:
        return 0 if TARGET.exists() and TARGET.read_text("utf-8") == text else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
