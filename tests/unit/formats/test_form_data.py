"""Forms as browsers send them."""

from smartmail.formats.form_data import MAX_FIELDS, MAX_HEAD, File, parse_form

_PLAIN = "application/x-www-form-urlencoded"
_MANY = 'multipart/form-data; boundary="----x"'


def _body(*parts: bytes) -> bytes:
    return b"".join(b"------x\r\n" + part + b"\r\n" for part in parts) + b"------x--\r\n"


def test_plain_fields_the_first_of_each_name() -> None:
    form = parse_form(_PLAIN, "q=%EA%B0%80+b&q=2&empty=".encode())
    assert form.fields == {"q": "가 b", "empty": ""}
    assert form.text("absent") == ""


def test_too_many_plain_fields_are_none() -> None:
    assert parse_form(_PLAIN, b"&".join(b"a%d=1" % at for at in range(MAX_FIELDS + 1))).fields == {}


def test_fields_and_files() -> None:
    octets = b"\x00\r\n--\r\n----x\xff\r\n"
    form = parse_form(
        _MANY,
        _body(
            'Content-Disposition: form-data; name="제목"\r\n\r\n안녕\r\n하세요'.encode(),
            'Content-Disposition: form-data; name="file"; filename="C:\\나의 \\%22보고%22.txt"\r\nContent-Type: text/plain\r\n\r\n'.encode()
            + octets,
            b'Content-Disposition: form-data; name="file"; filename=""\r\n\r\n',
        ),
    )
    assert form.fields == {"제목": "안녕\r\n하세요"}
    assert form.files == [File('"보고".txt', "text/plain", octets)]


def test_what_is_malformed_gives_less_and_no_error() -> None:
    whole = _body(b'Content-Disposition: form-data; name="a"\r\n\r\n1')
    assert parse_form("multipart/form-data", whole).fields == {}
    assert parse_form(_MANY, b"nothing at all").fields == {}
    for cut in range(len(whole)):
        parse_form(_MANY, whole[:cut])
    assert parse_form(_MANY, _body(b"Content-Disposition: form-data\r\n\r\nno name", b"no blank line")).fields == {}


def test_a_part_with_too_many_header_fields_is_left_out() -> None:
    head = b'Content-Disposition: form-data; name="a"'
    form = parse_form(_MANY, _body(head + b"\r\nb: c" * MAX_HEAD + b"\r\n\r\n1", head + b"\r\n\r\n2"))
    assert form.fields == {"a": "2"}
