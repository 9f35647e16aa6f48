"""What runs BotBeat elsewhere (`deploy/`, `.env.example`, `Procfile`), as far as it can be tried
without a container engine: the image's own commands are run in its folders.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.terminal.compose import PARTS
from adapters.terminal.settings import Settings, load
from tests.deployed import (
    COMPOSE,
    DEPLOY,
    DOCKERFILE,
    ROOT,
    SERVICES,
    Image,
    copies,
    exec_form,
    instructions,
    laid_out,
    lines,
    serving,
)
from tests.processes import free_port

SETTINGS = {name.upper() for name in Settings.model_fields}
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "botbeat"}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return laid_out(tmp_path / "image")


def _program_files(root: Path) -> set[str]:
    files = (file for part in ("bot", "storage", "adapters") for file in (root / part).rglob("*"))
    found = {file.relative_to(root) for file in files if file.is_file()}
    return {str(file) for file in found if "__pycache__" not in file.parts}


def test_the_image_has_every_file_of_the_program(image: Image) -> None:
    assert _program_files(image.at(".")) == _program_files(ROOT)


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    rules = lines((DEPLOY / "Dockerfile.dockerignore").read_text())
    assert rules[0] == "*"
    assert rules[-1] == "**/__pycache__"
    copied = [source for sources, _ in copies() for source in sources]
    assert sorted(rules[1:-1]) == sorted(f"!{source}" for source in copied)


def test_every_module_comes_from_what_was_copied(image: Image) -> None:
    script = (
        "import importlib, pkgutil, sys, bot, storage, adapters\n"
        "for package in (bot, storage, adapters):\n"
        "    for one in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not one.name.endswith(('__main__', '.env')):\n"
        "            print(importlib.import_module(one.name).__file__)\n"
    )
    told = image.runs("python", "-c", script)
    assert told.returncode == 0, told.stderr
    files = told.stdout.splitlines()
    assert len(files) > 100
    assert [file for file in files if not file.startswith(str(image.root))] == []


async def test_the_images_commands_and_its_health_check_do_what_they_should(image: Image) -> None:
    entry = exec_form(instructions("ENTRYPOINT")[-1])
    check = exec_form(instructions("HEALTHCHECK")[-1])
    port = str(free_port())
    assert [*entry, *exec_form(instructions("CMD")[-1])] == ["botbeat", "run"]
    assert "connect" in image.runs(*entry, "--help").stdout
    made = image.runs(*entry, *SERVICES["release"]["command"])
    assert made.stdout == "The database is now up to date.\n", made.stderr
    assert image.at("/data/botbeat/botbeat.db").exists()
    async with serving(image, PORT=port) as running:
        await running.says("Pages at")
        well = await asyncio.to_thread(image.runs, *check, PORT=port, http_proxy="http://0.0.0.0:1")
        assert (well.returncode, well.stderr) == (0, "")
        elsewhere = await asyncio.to_thread(image.runs, *check, port)
        assert elsewhere.returncode == 0
        running.end()
        assert await running.ended() == 0
    ill = image.runs(*check, PORT=port)
    assert (ill.returncode, ill.stderr) == (1, "")
    assert ill.stdout.startswith(f"Nothing answers on port {port}")


async def test_an_answer_that_is_no_good_one_is_not_health(image: Image) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    check = exec_form(instructions("HEALTHCHECK")[-1])
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        asked = await asyncio.to_thread(image.runs, *check, PORT=port)
    assert (asked.returncode, asked.stdout) == (1, f"Port {port} answers with 503.\n")


def test_the_image_is_nobody_powerful_and_installs_only_what_is_locked() -> None:
    user = int(instructions("USER")[-1])
    added = next(rest for rest in instructions("RUN") if "useradd" in rest)
    assert 0 < user == int(added.split("--uid ")[1].split()[0])
    # What comes after it would be done by that user; what comes before is root's.
    assert [word for word, _ in DOCKERFILE].index("USER") > max(
        place for place, (word, _) in enumerate(DOCKERFILE) if word in ("COPY", "RUN")
    )
    installs = [rest for rest in instructions("RUN") if "pip" in rest]
    assert len(installs) == 1
    wanted = {"--require-hashes", "--no-deps", "--only-binary", "--no-cache-dir"}
    assert wanted <= set(installs[0].split())
    assert installs[0].endswith("-r requirements.lock")
    assert not re.search(
        r"\b(apt|apt-get|gcc|build-essential|curl)\b", " ".join(instructions("RUN"))
    )
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert f"PORT={instructions('EXPOSE')[-1]}" in " ".join(instructions("ENV")).split()
    least = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    image = re.fullmatch(r"python:3\.(\d+)-slim-bookworm", instructions("FROM")[-1])
    assert least
    assert image
    assert int(image[1]) >= int(least[1])


def test_nothing_starts_before_the_database_is_well_and_the_release_is_done() -> None:
    assert OURS["release"]["command"] == ["db", "upgrade"]
    assert OURS["release"]["restart"] == "no"
    healthy = {"database": {"condition": "service_healthy"}}
    assert OURS["release"]["depends_on"] == healthy
    assert SERVICES["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    done = {**healthy, "release": {"condition": "service_completed_successfully"}}
    running = {name: one for name, one in OURS.items() if name != "release"}
    assert all(one["depends_on"] == done for one in running.values())
    assert all(one["command"][0] == "run" for one in running.values())
    assert sorted(part for one in running.values() for part in one["command"][1:]) == sorted(PARTS)


def test_each_container_may_little_and_is_given_the_time_to_end() -> None:
    assert "version" not in COMPOSE
    assert set(SERVICES) == {"database", *OURS}
    for one in OURS.values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert one["stop_grace_period"] == "30s"
        assert "user" not in one, "the image's own"
        assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).is_file()
        assert (DEPLOY / one["env_file"]).resolve() == ROOT / ".env"
        assert set(one["environment"]) <= SETTINGS
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ()))
    assert SERVICES["database"]["volumes"][0].split(":")[0] in COMPOSE["volumes"]
    assert SERVICES["database"]["image"].startswith("postgres:17")


def test_each_container_is_asked_for_its_health_where_it_answers(image: Image) -> None:
    assert OURS["release"]["healthcheck"] == {"disable": True}
    assert OURS["web"]["ports"][0].endswith(f":{OURS['web']['environment']['PORT']}")
    assert "healthcheck" not in OURS["web"], "the image's own"
    for name in set(OURS) - {"release", "web"}:
        asked = OURS[name]["healthcheck"]["test"]
        assert asked[0] == "CMD"
        assert image.at(asked[2]).is_file()
        assert asked[3] == OURS[name]["environment"]["BOTBEAT_METRICS"].split(":")[1]
        assert image.runs(*asked[1:3], str(free_port())).returncode == 1


def _interpolated() -> dict[str, list[str]]:
    """Each variable that compose puts in, with what stands behind its name."""
    found = re.findall(
        r"\$\{(\w+)([^}]*)\}", "\n".join(lines((DEPLOY / "compose.yaml").read_text()))
    )
    return {name: [rest for one, rest in found if one == name] for name, _ in found}


def test_no_password_is_the_same_everywhere() -> None:
    given = _interpolated()
    assert set(given) == {"PORT", "POSTGRES_PASSWORD"}
    assert all(rest.startswith(":?") for rest in given["POSTGRES_PASSWORD"])
    assert SERVICES["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${")
    assert all("${POSTGRES_PASSWORD" in one["environment"]["DATABASE_URL"] for one in OURS.values())


def test_the_example_of_env_has_every_setting_says_what_for_and_sets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / ".env.example").read_text()
    given = re.findall(r"^(\w+)=$", text, re.M)
    assert sorted(given) == sorted(SETTINGS | set(_interpolated()))
    before = ""
    for line in text.splitlines():
        assert not line or line.startswith("#") or re.fullmatch(r"\w+=", line), "a value"
        assert "=" not in line or line.startswith("#") or before.startswith("# "), line
        before = line
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    bare = load()
    (tmp_path / ".env").write_text(text)
    assert load() == bare


def test_the_unit_is_one_that_systemd_takes_and_leaves_what_is_configured_wrongly(
    tmp_path: Path,
) -> None:
    text = (DEPLOY / "botbeat.service").read_text()
    said = dict(line.split("=", 1) for line in lines(text) if "=" in line)
    assert said["User"] == "botbeat"
    assert int(said["TimeoutStopSec"]) >= 30
    assert said["Restart"] == "on-failure"
    assert set(said["RestartPreventExitStatus"].split()) == {"2", "78"}
    assert said["EnvironmentFile"] == f"/var/lib/{said['StateDirectory']}/.env"
    program, *words = said["ExecStart"].split()
    assert (Path(program).name, words) == ("botbeat", ["run"])
    if verify := shutil.which("systemd-analyze"):
        # Of what it names, only the program is not on this machine.
        unit = tmp_path / "botbeat.service"
        unit.write_text(text.replace(program, sys.executable))
        told = subprocess.run([verify, "verify", unit], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_the_procfile_starts_every_part_and_the_release_before_them() -> None:
    given = [line.split(": ") for line in lines((ROOT / "Procfile").read_text())]
    processes = {name: line.split() for name, line in given}
    assert all(line[:3] == ["python", "-m", "adapters.terminal"] for line in processes.values())
    words = {name: line[3:] for name, line in processes.items()}
    assert words.pop("release") == ["db", "upgrade"]
    assert words["web"] == ["run", "web"]
    assert sorted(part for _, *parts in words.values() for part in parts) == sorted(PARTS)
    assert lines((ROOT / "requirements.txt").read_text()) == ["-r requirements.lock"]
