"""Which files are worth a child, by what they are said to be; what they are is found out there."""

from typing import Final

_NEVER: Final = ("image/", "audio/", "video/", "font/", "multipart/", "model/")
_NO_TEXT: Final = frozenset((
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted", "application/pgp-keys",
    "application/x-msdownload", "application/x-shockwave-flash", "application/java-archive",
    "application/vnd.android.package-archive", "application/x-dosexec", "application/wasm",
    "text/plain", "text/html", "text/calendar", "text/vcard", "text/css", "text/x-amp-html",
))  # fmt: skip
# Names tell more than types: a picture sent as application/octet-stream costs no child, a document sent as a picture
# (some phones do) is read.
_NO_TEXT_NAMES: Final = frozenset((
    "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif", "ico", "psd", "ai", "raw", "mp3",
    "m4a", "wav", "aac", "ogg", "flac", "wma", "mp4", "m4v", "mov", "avi", "mkv", "wmv", "webm", "exe", "dll", "msi",
    "com", "scr", "sys", "so", "dylib", "class", "jar", "apk", "ipa", "dmg", "iso", "img", "vhd", "p7s", "p7m", "asc",
    "sig", "woff", "woff2", "ttf", "otf", "eot", "dwg", "dxf", "stl", "step", "swf", "ps", "ics", "vcf",
))  # fmt: skip
_TEXT_NAMES: Final = frozenset((
    "hwp", "hwt", "hwpx", "owpml", "hml", "doc", "dot", "docx", "docm", "dotx", "dotm", "xls", "xlt", "xlsx", "xlsm",
    "xltx", "xltm", "ppt", "pot", "pps", "pptx", "pptm", "ppsx", "ppsm", "potx", "odt", "ods", "odp", "ott", "ots",
    "otp", "odg", "pdf", "rtf", "txt", "text", "csv", "tsv", "md", "log", "json", "xml", "html", "htm", "xhtml",
    "mht", "mhtml", "eml", "msg", "zip", "tar", "tgz", "gz", "bz2", "tbz2", "xz", "txz", "dat",
))  # fmt: skip


def handles(media_type: str, name: str) -> bool:
    """Say whether such a file may hold text that is not the plain text of a message."""
    extension = name.rpartition(".")[2].lower().strip() if "." in name else ""
    if extension in _TEXT_NAMES:
        return True
    if extension in _NO_TEXT_NAMES:
        return False
    return not media_type.startswith(_NEVER) and media_type not in _NO_TEXT
