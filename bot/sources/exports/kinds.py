"""The ways in which an export is packed. Each reads its files one by one, as streams."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from bot.errors import SourceError
from bot.sources.exports.bounds import check_file, check_names, check_size

DEPTH_MOST = 4
"""Folders below a folder that are looked into."""


@dataclass(frozen=True, slots=True)
class File:
    """One file, plain or gzip."""

    path: Path
    packed: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Its own name."""
        return (self.path.name,)

    def open(self, name: str) -> BinaryIO:  # noqa: ARG002 there is but one
        """Its contents, unpacked as they come."""
        if not self.packed:
            return self.path.open("rb")
        return cast("BinaryIO", io.BufferedReader(_Gunzip(self.path)))


class _Gunzip(io.RawIOBase):
    """A gzip file's contents, up to where they are too many to be meant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = gzip.open(path)  # noqa: SIM115 closed with this
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 as the base class has it
        size = self._file.readinto(buffer)
        self._size += size
        check_size(self._path, self._size)
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, a few levels deep. Links in it are named, not followed."""

    path: Path
    files: Mapping[str, Path]

    @classmethod
    def of(cls, path: Path) -> Folder:
        """The folder at a path."""
        found = {file.relative_to(path).as_posix(): file for file in _files(path, DEPTH_MOST)}
        return cls(path, _without_top(found))

    @property
    def names(self) -> tuple[str, ...]:
        """The files in it."""
        return tuple(self.files)

    def open(self, name: str) -> BinaryIO:
        """A file in it. Raises SourceError."""
        file = self.files[name]
        check_file(self.path, name, is_link=file.is_symlink(), size=file.lstat().st_size)
        return file.open("rb")


@dataclass(frozen=True, slots=True)
class Zip:
    """A zip, which is unpacked a file at a time."""

    path: Path
    archive: zipfile.ZipFile
    files: Mapping[str, zipfile.ZipInfo]

    @classmethod
    def of(cls, path: Path, archive: zipfile.ZipFile) -> Zip:
        """A zip that is open. Raises SourceError if it is encrypted, a bomb, or leads out."""
        infos = [i for i in archive.infolist() if i.filename and not i.filename.endswith("/")]
        if any(info.flag_bits & 1 for info in infos):
            raise SourceError(
                f"{path}: the zip is encrypted; unpack it with its password and import the folder",
                permanent=True,
            )
        check_size(path, sum(info.file_size for info in infos))
        return cls(path, archive, _safe(path, {info.filename: info for info in infos}))

    @property
    def names(self) -> tuple[str, ...]:
        """The files in it."""
        return tuple(self.files)

    def open(self, name: str) -> BinaryIO:
        """A file in it. Raises SourceError."""
        info = self.files[name]
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        check_file(self.path, name, is_link=is_link, size=info.file_size)
        return cast("BinaryIO", self.archive.open(info))


@dataclass(frozen=True, slots=True)
class Tar:
    """A tar, packed or not. To go back in a packed one means to unpack it from its beginning."""

    path: Path
    archive: tarfile.TarFile
    files: Mapping[str, tarfile.TarInfo]

    @classmethod
    def of(cls, path: Path, archive: tarfile.TarFile) -> Tar:
        """A tar that is open. Raises SourceError if it is a bomb, or leads out."""
        found, size = {}, 0
        for info in archive:
            size += info.size + tarfile.BLOCKSIZE
            check_size(path, size)
            if not info.isdir():
                found[info.name] = info
        return cls(path, archive, _safe(path, found))

    @property
    def names(self) -> tuple[str, ...]:
        """The files in it."""
        return tuple(self.files)

    def open(self, name: str) -> BinaryIO:
        """A file in it. Raises SourceError."""
        info = self.files[name]
        check_file(self.path, name, is_link=not info.isreg(), size=info.size)
        return cast("BinaryIO", self.archive.extractfile(info))


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """The files below a folder, in order; links are named, not followed."""
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or entry.is_file():
            yield entry
        elif entry.is_dir() and depth:
            yield from _files(entry, depth - 1)


def _safe(path: Path, files: Mapping[str, Any]) -> Mapping[str, Any]:
    """The files by name. Raises SourceError if a name leads out of the export."""
    check_names(path, files)
    return _without_top({name.removeprefix("./"): file for name, file in files.items()})


def _without_top(files: Mapping[str, Any]) -> Mapping[str, Any]:
    """Names without the one folder that holds all the files, and without what macOS adds."""
    real = {
        name: file
        for name, file in files.items()
        if not name.startswith("__MACOSX/") and PurePosixPath(name).name != ".DS_Store"
    }
    tops = {name.partition("/")[0] for name in real}
    if len(tops) != 1 or any("/" not in name for name in real):
        return real
    return {name.partition("/")[2]: file for name, file in real.items()}
