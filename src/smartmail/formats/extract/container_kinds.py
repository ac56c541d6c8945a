"""What documents that are containers are called: told by what is in them."""

from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.zip_archive import Archive


def zip_kind(archive: Archive) -> str:
    """Return what a ZIP container is."""
    for path, kind in (
        ("word/document.xml", "docx"), ("xl/workbook.bin", "xlsb"), ("xl/workbook.xml", "xlsx"),
        ("ppt/presentation.xml", "pptx"), ("Contents/section0.xml", "hwpx"), ("Contents/content.hpf", "hwpx"),
        ("AndroidManifest.xml", "apk"), ("META-INF/MANIFEST.MF", "jar"),
    ):  # fmt: skip
        if archive.find(path):
            folder = path.partition("/")[0]
            macro = kind in {"docx", "xlsx", "pptx"} and archive.find(f"{folder}/vbaProject.bin")
            return kind[:-1] + "m" if macro else kind
    if archive.find("mimetype") and archive.find("content.xml"):
        return "odf"
    return "ooxml" if archive.find("[Content_Types].xml") else "zip"


def compound_kind(file: CompoundFile) -> str:
    """Return what a compound file is."""
    for path, kind in (
        ("FileHeader", "hwp"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"),
        ("PowerPoint Document", "ppt"), ("EncryptedPackage", "office"), ("__properties_version1.0", "msg"),
    ):  # fmt: skip
        if file.find(path):
            return kind
    return "compound"
