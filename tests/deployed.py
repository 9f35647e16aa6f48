"""What `deploy/` says, read for its tests: the Dockerfile's lines, compose's containers, and the
folders of the image laid out as the Dockerfile would, without a container engine.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.processes import Program, started

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def lines(text: str) -> list[str]:
    """Without comments, and with what goes on in the next line."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(kept).replace("\\\n", " ").split("\n") if line.strip()]


DOCKERFILE = [
    (word, rest.strip())
    for word, _, rest in (
        line.partition(" ") for line in lines((DEPLOY / "Dockerfile").read_text())
    )
]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions(word: str) -> list[str]:
    return [rest for one, rest in DOCKERFILE if one == word]


def exec_form(text: str) -> list[str]:
    words = json.loads(text[text.index("[") :])
    assert all(isinstance(word, str) for word in words)
    return list(words)


def copies() -> Iterator[tuple[list[str], str]]:
    for rest in instructions("COPY"):
        *sources, target = [word for word in rest.split() if not word.startswith("--")]
        yield sources, target


@dataclass(frozen=True, slots=True)
class Image:
    """The folders that the image has, below a folder of ours, and nothing else of the project."""

    root: Path

    def at(self, path: str) -> Path:
        """Where a path of the image is; a relative one is below its WORKDIR."""
        return self.root / (Path(instructions("WORKDIR")[-1]) / path).relative_to("/")

    def moved(self, word: str) -> str:
        return str(self.at(word)) if word.startswith("/") and self.at(word).exists() else word

    def variables(self, **more: str) -> dict[str, str]:
        """The image's environment. Its packages are ours, without the project itself, which is
        among them only by a `.pth` file that nobody reads here."""
        given = dict(word.split("=", 1) for word in shlex.split(" ".join(instructions("ENV"))))
        packages = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
        path = [str(self.at("/usr/local/bin")), os.environ["PATH"]]
        return {
            **given,
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": os.pathsep.join([self.moved(given["PYTHONPATH"]), *packages]),
            "XDG_DATA_HOME": str(self.at(given["XDG_DATA_HOME"])),
            **more,
        }

    def runs(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.moved(word) for word in words],
            cwd=self.at("."),
            env=self.variables(**more),
            capture_output=True,
            text=True,
            check=False,
        )


def laid_out(folder: Path) -> Image:
    """What the Dockerfile copies, with our Python under the name that it has there."""
    made = Image(folder)
    for sources, target in copies():
        for source in sources:
            goal = made.at(target)
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, goal, ignore=ignored, dirs_exist_ok=True)
            else:
                goal.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, goal)
    made.at("/data").mkdir()
    stand_in = made.at("/usr/local/bin/python")
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    stand_in.chmod(0o755)
    return made


@asynccontextmanager
async def serving(image: Image, **variables: str) -> AsyncIterator[Program]:
    command = [*exec_form(instructions("ENTRYPOINT")[-1]), *SERVICES["web"]["command"]]
    async with started(command, image.at("."), image.variables(**variables)) as running:
        yield running
