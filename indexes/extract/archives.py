"""Zip archives (docx, pptx, epub) as untrusted input: refused before anything is unpacked."""

import zipfile
from pathlib import Path

from indexes.errors import ExtractionError

MAX_UNPACKED = 512 * 2**20
MAX_RATIO = 200
_SMALL = 16 * 2**20  # unpacked bytes below which no ratio is too high
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how encrypted and pre-2007 Office files begin


def check_archive(path: Path) -> None:
    """Checks that a zip archive is harmless and open; zipfile never unpacks more than the sizes stated there.

    Raises:
        ExtractionError: it is no zip archive, is password-protected, or would unpack to too much.
    """
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise ExtractionError("password-protected, or of an Office format older than 2007")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise ExtractionError("password-protected")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked / packed > MAX_RATIO):
        raise ExtractionError(
            f"unpacks from {packed:,} to {unpacked:,} bytes, which is more than is safe "
            f"(limits: {MAX_UNPACKED:,} bytes, {MAX_RATIO} times)"
        )
