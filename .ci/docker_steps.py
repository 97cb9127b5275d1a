"""Take the Dockerfile's steps natively, in a folder of their own: /app and /data lie inside it.

Usage: python .ci/docker_steps.py CHECKOUT FOLDER
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

KNOWN = {
    "FROM",
    "ENV",
    "WORKDIR",
    "COPY",
    "RUN",
    "VOLUME",
    "USER",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}


class Steps:
    """A folder that stands for the container's root."""

    def __init__(self, checkout: Path, root: Path) -> None:
        self.checkout = checkout
        self.root = root
        self.folder = root
        self.environment = dict(os.environ)
        self.entrypoint: list[str] = []

    def inside(self, text: str) -> str:
        """Absolute paths of the container, moved below the folder."""
        return re.sub(r"(?<![\w.-])/(app|data)\b", rf"{self.root}/\1", text)

    def take(self, word: str, rest: str) -> None:
        """Take one instruction; those that only describe the container are read, not run."""
        print(f"::: {word} {rest}", flush=True)
        if word == "ENV":
            self.environment |= {
                name: self.inside(value) for name, value in re.findall(r"(\w+)=(\S+)", rest)
            }
        elif word == "WORKDIR":
            self.folder = Path(self.inside(rest))
            self.folder.mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            self.copy(*rest.split())
        elif word == "RUN":
            self.run(["sh", "-ec", self.inside(rest)])
        elif word == "ENTRYPOINT":
            self.entrypoint = [self.inside(part) for part in json.loads(rest)]
        elif word == "HEALTHCHECK":
            self.run(json.loads(rest[rest.index("[") :]))

    def copy(self, *paths: str) -> None:
        """Files of the checkout that git tracks, as a clean build context has them."""
        *sources, target = paths
        for source in sources:
            tracked = subprocess.run(
                ["git", "-C", str(self.checkout), "ls-files", "-z", source],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.split("\0")
            for name in filter(None, tracked):
                inner = name if target in {"./", source} else f"{target}/{name}"
                where = self.folder / inner
                where.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.checkout / name, where)

    def run(self, command: list[str]) -> None:
        """Run a command as the container would."""
        subprocess.run(command, check=True, cwd=self.folder, env=self.environment)


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """(word, rest) of every instruction; a word we do not know is an error, not a skipped step."""
    lines = [line for line in dockerfile.splitlines() if line.strip() and not line.startswith("#")]
    found = []
    for line in " \n".join(lines).replace("\\ \n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word not in KNOWN:
            raise SystemExit(f"Dockerfile: no way to take {word!r} natively")
        found.append((word, rest.strip()))
    return found


def main() -> None:
    """Take every step, then the entry point with `--version`."""
    checkout, root = (Path(argument).resolve() for argument in sys.argv[1:3])
    steps = Steps(checkout, root)
    for word, rest in instructions((checkout / "Dockerfile").read_text(encoding="utf-8")):
        steps.take(word, rest)
    steps.run([*steps.entrypoint, "--version"])


if __name__ == "__main__":
    main()
