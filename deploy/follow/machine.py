"""A fresh Debian with a systemd of its own, on this machine's kernel and network."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.follow.page import check, has_origin, sets
from tests.waiting import until

HOME = "/var/lib/botbeat"
# What this machine knows of its package registries, and whom it trusts.
KNOWN = (
    "etc/apt/sources.list",
    "etc/apt/sources.list.d",
    "etc/apt/apt.conf.d",
    "etc/pip.conf",
    "etc/ssl/certs/ca-certificates.crt",
    "usr/local/share/ca-certificates",
)
SYSTEM = "systemd,systemd-sysv,sudo,ca-certificates,curl"


@dataclass
class Machine:
    """A Debian that runs in `root`; `init` is its first process, as this machine counts them."""

    root: Path
    init: int

    async def types(self, block: str, stdin: str = "", *, fails: bool = False) -> str:
        """What a block of commands prints; the first that fails ends it, and us."""
        for line in block.splitlines():
            print(f"$ {line}", flush=True)
        shell = ("bash", "-euo", "pipefail", "-c", block)
        process = await asyncio.create_subprocess_exec(
            *("nsenter", "--target", str(self.init), "--all", "env", "-i"),
            *("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"),
            *shell,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(process.communicate(stdin.encode()), 600)
        said = told.decode(errors="replace")
        if fails != bool(process.returncode):
            sys.exit(f"NOT SO: that ended with {process.returncode}\n{said}")
        return said

    @contextmanager
    def installing(self) -> Iterator[None]:
        """Names are resolved meanwhile."""
        resolver = self.root / "etc/resolv.conf"
        resolver.write_text(Path("/etc/resolv.conf").read_text())
        yield
        resolver.write_text("")

    def sets(self, name: str, value: str) -> None:
        """What somebody writes into `.env` with an editor."""
        sets(self.root / HOME.strip("/") / ".env", **{name: value})

    async def until(self, command: str, words: str, seconds: float = 60) -> None:
        """Looks until a command succeeds."""
        ends = time.monotonic() + seconds
        while True:
            done = await asyncio.create_subprocess_exec(
                *("nsenter", "--target", str(self.init), "--all", "bash", "-c", command),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            if await done.wait() == 0 or time.monotonic() > ends:
                check(done.returncode == 0, words)
                return
            await asyncio.sleep(0.5)


def laid(folder: Path) -> Path:
    """A fresh Debian in this folder, with the origin of the code at the commit before ours."""
    root = folder / "debian"
    print("Laying a Debian: a few minutes.", flush=True)
    done = subprocess.run(
        ["debootstrap", f"--include={SYSTEM}", "bookworm", root], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"No Debian could be laid:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    (root / "etc/hostname").write_text("guide\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost guide\n")
    (root / "etc/apt/sources.list").unlink()
    for name in KNOWN:
        known = Path("/") / name
        if known.is_dir():
            shutil.copytree(known, root / name, dirs_exist_ok=True)
        elif known.exists():
            shutil.copy(known, root / name)
    has_origin(root)
    return root


@asynccontextmanager
async def started(root: Path) -> AsyncIterator[Machine]:
    log = root.parent / "machine.log"
    with log.open("w") as lines:
        process = await asyncio.create_subprocess_exec(
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
            *("--machine=guide", "--resolv-conf=off", f"--directory={root}"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=lines,
            stderr=lines,
        )
    try:
        await until(lambda: process.returncode is not None or children(process.pid))
        if process.returncode is not None:
            sys.exit(f"That Debian does not start:\n{log.read_text()[-2000:]}")
        machine = Machine(root, children(process.pid)[0])
        up = "systemctl is-system-running | grep -E 'running|degraded'"
        await machine.until(up, "a Debian with systemd runs")
        yield machine
    finally:
        if process.returncode is None:
            process.terminate()  # It powers off.
        await asyncio.wait_for(process.wait(), 90)


def children(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]
