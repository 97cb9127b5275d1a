from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
from collections import deque
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bot.errors import SourceError
from bot.sources.exports import bounds
from bot.sources.exports.packed import BROKEN, opened, shown
from tests.sources.exports.made import a_file, a_folder, a_tar
from tests.world.export import write

FILES = {"b/2.json": b"two", "a/1.json": b"one", "top.json": b"top"}
MAKES = {"zip": write, "tar": a_tar, "folder": a_folder}


def contents(path: Path) -> dict[str, bytes]:
    with opened(path) as pack:
        found = {}
        for name in pack.names:
            with closing(pack.open(name)) as stream:
                found[name] = stream.read()
        return found


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES.keys())
def test_the_files_of_an_export_are_read_by_name_however_it_is_packed(tmp_path, make):
    assert contents(make(tmp_path / "export", FILES)) == FILES


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES.keys())
def test_one_folder_around_all_of_them_is_left_out_of_their_names(tmp_path, make):
    around = {f"Export of Acme/{name}": content for name, content in FILES.items()}
    assert contents(make(tmp_path / "export", around)) == FILES


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_single_file_is_an_export_of_one_file(tmp_path, pack):
    path = a_file(tmp_path / "a.json", pack(b"words"))
    assert contents(path) == {"a.json": b"words"}
    with opened(path) as export:
        assert shown(export, "a.json", 7) == f"{path}:7"


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES.keys())
def test_a_place_names_the_export_and_the_file_and_nothing_that_writes_on_the_terminal(
    tmp_path, make
):
    path = make(tmp_path / "export", {"bad\x1b[31m.json": b"", "b": b""})
    with opened(path) as export:
        assert shown(export, "bad\x1b[31m.json", 7) == f"{path}:bad[31m.json:7"


def test_folders_deep_below_are_not_looked_into(tmp_path):
    deep = "/".join("abcdefgh")
    path = a_folder(tmp_path / "export", {"a.json": b"", f"{deep}/b.json": b""})
    assert list(contents(path)) == ["a.json"]


# What is refused


@pytest.mark.parametrize("make", [write, a_tar])
@pytest.mark.parametrize(
    "name", ["../up.json", "a/../../up.json", "/etc/x.json", "C:\\x.json", "a\\..\\..\\x.json"]
)
def test_a_name_that_leads_out_of_the_export_is_refused_with_all_of_it(tmp_path, make, name):
    path = make(tmp_path / "export", {"a.json": b"", name: b""})
    with pytest.raises(SourceError, match="a name that leads out of it") as caught, opened(path):
        pass
    assert str(path) in str(caught.value)
    assert caught.value.permanent


def a_link(path: Path, form: str) -> Path:
    """An export in which link.json points out of it."""
    if form == "folder":
        a_folder(path, {"a.json": b""})
        (path / "link.json").symlink_to("/etc/hostname")
    elif form == "zip":
        info = zipfile.ZipInfo("link.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(info, "/etc/hostname")
            archive.writestr("a.json", b"")
    else:
        with tarfile.open(path, "w:gz") as tar:
            member = tarfile.TarInfo("link.json")
            member.type = tarfile.SYMTYPE if form == "tar" else tarfile.LNKTYPE
            member.linkname = "/etc/hostname"
            tar.addfile(member)
            tar.addfile(tarfile.TarInfo("a.json"))
    return path


@pytest.mark.parametrize("form", ["folder", "zip", "tar", "tar, hard"])
def test_a_link_is_refused_when_it_is_to_be_read(tmp_path, form):
    path = a_link(tmp_path / "export", form)
    with opened(path) as pack:
        assert set(pack.names) == {"a.json", "link.json"}
        with pytest.raises(SourceError, match=r"link\.json: is a link, which is not followed"):
            pack.open("link.json")


def test_a_device_in_a_tar_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("a.json")
        member.type = tarfile.CHRTYPE
        tar.addfile(member)
    with opened(tmp_path / "a.tar.gz") as pack, pytest.raises(SourceError, match="not followed"):
        pack.open("a.json")


def test_an_encrypted_zip_is_told_with_what_to_do(tmp_path):
    data = bytearray(write(tmp_path / "a.zip", {"a.json": b"words"}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path = a_file(tmp_path / "b.zip", bytes(data))
    with pytest.raises(SourceError, match="encrypted; unpack it with its password"), opened(path):
        pass


@pytest.fixture
def small(monkeypatch):
    """A bomb need not be large to be one."""
    monkeypatch.setattr(bounds, "SMALL", 100_000)
    monkeypatch.setattr(bounds, "RATIO_MOST", 50)


BOMB = b" " * 400_000


@pytest.mark.parametrize("make", [write, a_tar])
def test_a_bomb_is_refused_before_anything_of_it_is_read(tmp_path, small, make):
    path = make(tmp_path / "bomb", {"a.json": BOMB})
    with pytest.raises(SourceError, match="unpacks to more than 50 times its size"), opened(path):
        pass


def test_many_files_that_share_one_piece_of_a_zip_are_a_bomb_too(tmp_path, small):
    path = write(tmp_path / "bomb", {"a.json": bytes(50_000)})
    with zipfile.ZipFile(path, "a") as archive:
        original = archive.infolist()[0]
        for n in range(9):
            twin = zipfile.ZipInfo(f"{n}.json")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, name, getattr(original, name))
            archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]  # zipfile has no name for it
    with pytest.raises(SourceError, match="as only a bomb does"), opened(path):
        pass


def test_a_packed_file_that_is_a_bomb_is_left_as_soon_as_it_is_seen_to_be_one(tmp_path, small):
    path = a_file(tmp_path / "bomb.gz", gzip.compress(BOMB))
    with opened(path) as pack, closing(pack.open("bomb.gz")) as stream:
        pieces = iter(lambda: stream.read(10_000), b"")
        with pytest.raises(SourceError, match="as only a bomb does"):
            deque(pieces, maxlen=0)


def test_what_packs_well_but_is_small_is_no_bomb(tmp_path):
    assert contents(write(tmp_path / "a.zip", {"a.json": b" " * 5_000_000}))
    assert contents(a_file(tmp_path / "a.gz", gzip.compress(b" " * 5_000_000)))


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES.keys())
def test_a_file_that_is_too_large_is_refused_by_its_name(tmp_path, monkeypatch, make):
    monkeypatch.setattr(bounds, "MEMBER_MOST", 1_000)
    with opened(make(tmp_path / "export", {"a.json": b"", "big.json": bytes(1_001)})) as pack:
        pack.open("a.json").close()
        with pytest.raises(SourceError, match=r"big\.json: is larger than 1,000 bytes"):
            pack.open("big.json")


@pytest.mark.parametrize("make", [write, a_tar])
@pytest.mark.parametrize("keep", [4, 30, 60, 200])
def test_a_damaged_export_raises_what_is_known_to_mean_that(tmp_path, make, keep):
    files = {f"{n}.json": str(n**99).encode() * 9 for n in range(20)}
    whole = make(tmp_path / "export", files).read_bytes()
    path = a_file(tmp_path / "cut", whole[:keep])
    try:
        assert list(contents(path)) != list(files)
    except BROKEN:
        assert path.stat().st_size == keep


@pytest.mark.parametrize("make", [write, a_tar])
def test_whatever_byte_is_wrong_it_is_read_refused_or_known_to_be_broken(tmp_path, make):
    whole = make(tmp_path / "export", {f"é/{n}.json": b"words" for n in range(4)}).read_bytes()
    ends: set[type] = set()
    for seed in range(400):
        random, data = Random(seed), bytearray(whole)
        for _ in range(random.randint(1, 4)):
            data[random.randrange(len(data))] = random.choice((0, 255, random.randrange(256)))
        path = a_file(tmp_path / "broken", bytes(data))
        try:
            ends.add(type(contents(path)))
        except (*BROKEN, SourceError) as error:
            ends.add(type(error))
    assert {dict, SourceError} & ends
    assert len(ends) > 2
