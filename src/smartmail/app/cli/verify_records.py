"""Checks a file of exported records, signed anchors, and receipts of recalls, without this system: copy this one file to any machine.

    python verify_records.py EXPORT.jsonl [--anchor anchor-2026-01-31.json …] [--key HEX]
    python verify_records.py recall-receipt.json --key HEX

It needs Python alone: no package, no network, no key of ours but the public one (`./smartmail audit anchor`). It says whether
the file is as it was exported, whether each record belongs to its digest and follows on the one before where that one is
there too, and whether digests are those that the anchors tell. It names the first record that does not hold, and ends
with 1 then.
"""

import argparse
import hashlib
import json
import sys
from datetime import UTC, datetime
from typing import Any

Point = tuple[int, int, int, int]
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741 -- as RFC 8032 calls it


def main(arguments: list[str]) -> int:
    """Check what is named; return 0 when all of it holds."""
    parser = argparse.ArgumentParser(description="Checks exported records and signed anchors.")
    parser.add_argument(
        "export", help="file made by: ./smartmail audit export --form jsonl, or the receipt of a recall"
    )
    parser.add_argument("--anchor", action="append", default=[], help="a day's anchor that was kept elsewhere")
    parser.add_argument("--key", default="", help="public key in hexadecimal, as ./smartmail audit anchor prints it")
    options = parser.parse_args(arguments)
    try:
        with open(options.export, "rb") as file:
            octets = file.read()
        if b'"document"' in octets[:20]:
            trouble = receipt(octets, options.key)
        else:
            trouble = check(octets, [_anchor(path, options.key) for path in options.anchor], options.key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        trouble = f"cannot be read: {error or type(error).__name__}"
    print(trouble or "all as written")
    return 1 if trouble else 0


def receipt(octets: bytes, key: str) -> str:
    """Print what the receipt of a recall says, and return what is wrong with it, "" for nothing."""
    kept = json.loads(octets)
    said: dict[str, Any] = json.loads(kept["document"])
    if said["kind"] != "recall-receipt":
        return "the file is no receipt of a recall"
    if not key:
        return f"name the key of the installation with --key; the file itself names {said['key']}"
    signed_part = b"smartmail recall receipt\n" + kept["document"].encode("ascii")
    if said["key"] != key or not signed(signed_part, bytes.fromhex(kept["signature"]), bytes.fromhex(key)):
        return "the signature does not hold: the receipt was changed, or another installation signed it"
    print(f"{_time(said['at'])}  {said['sender']} recalled <{said['message_id']}>")
    for one in said["recipients"]:
        read = f" at {_time(one['read_at'])}" if one["read_at"] else ""
        members = f"  members: {one['members']}" if one["members"] else ""
        print(f"  {one['address']}: {one['result']}, {one['reading']}{read}{members}")
    for one in said["links"]:
        print(f"  link to {one['file']!a}: downloads {one['downloads']}, ended {_time(one['revoked_at'])}")
    return ""


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def check(octets: bytes, anchors: list[dict[str, Any]], key: str) -> str:
    """Return what is wrong with an export, "" for nothing: the first record that does not hold comes first."""
    lines = octets.decode("ascii").splitlines(keepends=True)
    if not lines:
        return "the file is empty"
    told = {(org, seq): digest for one in anchors for org, seq, digest in one["chains"]}
    known: dict[tuple[int, int], str] = {}
    end = json.loads(lines[-1]).get("end")
    for line in lines[1 : -1 if end else None]:
        trouble = _record(json.loads(line), known, told)
        if trouble:
            return trouble
    return _whole(lines, end, key)


def _record(one: dict[str, Any], known: dict[tuple[int, int], str], told: dict[tuple[int, int], str]) -> str:
    record = one["record"]
    place = (record["org"], record["seq"])
    name = f"record {place[0]}:{place[1]}"
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    if hashlib.sha256(one["prev"].encode() + canonical).hexdigest() != one["digest"]:
        return f"{name}: changed"
    if known.get((place[0], place[1] - 1), one["prev"]) != one["prev"]:
        return f"{name}: does not follow on the one before"
    if place in known:
        return f"{name}: is there twice"
    if told.get(place, one["digest"]) != one["digest"]:
        return f"{name}: not the chain that the anchor was taken from"
    known[place] = one["digest"]
    return ""


def _whole(lines: list[str], end: dict[str, str] | None, key: str) -> str:
    if end is None:
        return "the end of the file is gone"
    head = json.loads(lines[0])["export"]
    body = "".join(lines[:-1]).encode()
    digest = hashlib.sha256(body).hexdigest()
    if digest != end["sha256"] or head["records"] != len(lines) - 2:
        return "the file is not as it was exported: lines were changed, added or removed"
    if key and head["key"] != key:
        return "the file was signed by another installation"
    if not signed(digest.encode(), bytes.fromhex(end["signature"]), bytes.fromhex(head["key"])):
        return "the signature of the file does not hold"
    return ""


def _anchor(path: str, key: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        kept = json.load(file)
    document: dict[str, Any] = json.loads(kept["document"])
    wanted = key or document["key"]
    if not signed(kept["document"].encode(), bytes.fromhex(kept["signature"]), bytes.fromhex(wanted)):
        raise ValueError(f"{path}: the anchor's signature does not hold")
    return document


# --- Ed25519, only to verify (RFC 8032 §5.1) ---


def signed(octets: bytes, signature: bytes, public: bytes) -> bool:
    """Say whether a signature over octets is of a public key."""
    key = _point(public)
    if len(signature) != 64 or key is None:
        return False
    first, scalar = _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if first is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + octets).digest(), "little") % L
    return _same(_times(scalar, _base()), _add(first, _times(challenge, key)))


def _base() -> Point:
    y = 4 * pow(5, P - 2, P) % P
    x = _x(y, 0)
    assert x is not None
    return x, y, 1, x * y % P


def _x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(octets: bytes) -> Point | None:
    if len(octets) != 32:
        return None
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def _add(a: Point, b: Point) -> Point:
    first, second = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    third, fourth = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = second - first, fourth - third, fourth + third, second + first
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    return total


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
