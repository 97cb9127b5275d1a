"""An export as named files, however it is packed: one file, a folder, a zip or a tar.

Nothing is ever unpacked to disk: members are read one by one, as streams.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from bot.sources.exports import bounds
from bot.sources.exports.kinds import File, Folder, Tar, Zip

BROKEN = (
    *(OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
    NotImplementedError,  # how zipfile says that it does not know a compression
    UnicodeDecodeError,  # and that a name is not what it says
)
"""What reading a damaged file can raise."""

_MAGIC_GZIP, _MAGIC_ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")


class Pack(Protocol):
    """The files of an export. A folder that holds all of them is left out of their names."""

    @property
    def path(self) -> Path:
        """The export itself."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The files in it, in an order in which reading them is cheap."""
        ...

    def open(self, name: str) -> BinaryIO:
        """One of them, to be closed by the caller.

        Raises:
            SourceError: it is a link or too large.
        """
        ...


@contextmanager
def opened(path: Path) -> Iterator[Pack]:
    """The files of the export at a path.

    Raises:
        SourceError: it is encrypted, a bomb, or a file in it has a name that leads out of it.
        OSError or another of BROKEN: it cannot be read.
    """
    if path.is_dir():
        yield Folder.of(path)
        return
    with path.open("rb") as file:
        head = file.read(4)
    if head in _MAGIC_ZIP:
        with zipfile.ZipFile(path) as archive:
            yield Zip.of(path, archive)
    elif _is_tar(path):
        with tarfile.open(path) as tar:
            yield Tar.of(path, tar)
    else:
        yield File(path, packed=head.startswith(_MAGIC_GZIP))


def is_packed(pack: Pack) -> bool:
    """Whether it is a zip or a tar."""
    return isinstance(pack, Zip | Tar)


def is_on_disk(pack: Pack) -> bool:
    """Whether it is a folder, or a file that is not packed."""
    return isinstance(pack, Folder) or (isinstance(pack, File) and not pack.packed)


def shown(pack: Pack, name: str, *places: object) -> str:
    """Where something stands in an export, for a person: FILE:MEMBER:PLACE."""
    member = () if isinstance(pack, File) else (bounds.shown(name),)
    return ":".join(map(str, (pack.path, *member, *places)))


def _is_tar(path: Path) -> bool:
    """Whether it is a tar with something in it: zeros alone are an empty one."""
    try:
        with tarfile.open(path) as tar:
            return tar.next() is not None
    except BROKEN:
        return False
