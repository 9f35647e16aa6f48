"""Configuration: exactly these names, and a wrong value is refused by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.terminal.settings import EXAMPLES, Settings, SettingsError, load


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in EXAMPLES:
        monkeypatch.delenv(name, raising=False)


WRONG = {
    "PORT": ["http", "-1", "65536", "80.5"],
    "BOTBEAT_BASE_URL": ["botbeat.example.com", "ftp://botbeat.example.com", "https://"],
    "BOTBEAT_COMMENTS": ["maybe", "SHARE ALL"],
    "SLACK_BOT_TOKEN": ["xoxp-secret-1", "secret-1"],
    "SLACK_APP_TOKEN": ["xoxb-secret-1"],
    "SLACK_API_URL": ["slack.com/api", "ftp://slack.com"],
    "DISCORD_API_URL": ["discord.com/api/v10"],
    "DISCORD_GATEWAY_URL": ["https://gateway.discord.gg"],
    "OPENAI_BASE_URL": ["localhost:11434/v1"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_refused_by_its_name_with_an_example(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value).startswith(f"{name} has a value that cannot be used. Example: ")
    assert EXAMPLES[name] in str(refused.value)
    assert "secret-1" not in str(refused.value) + repr(refused.value.__cause__)
    assert refused.value.__suppress_context__


def test_each_of_several_wrong_values_has_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("BOTBEAT_COMMENTS", "loud")
    with pytest.raises(SettingsError) as refused:
        load()
    lines = str(refused.value).splitlines()
    assert [line.split()[0] for line in lines] == ["PORT", "BOTBEAT_COMMENTS"]


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"SLACK_SIGNING_SECRET", "DISCORD_TOKEN"}))
def test_the_examples_can_be_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, EXAMPLES[name].split(" (")[0])
    load()


def test_there_is_an_example_for_every_variable_and_no_other() -> None:
    assert set(EXAMPLES) == {name.upper() for name in Settings.model_fields}


def test_without_any_configuration_everything_has_a_value(tmp_path: Path) -> None:
    settings = load()
    assert settings.port == 8080
    assert settings.botbeat_comments == "read"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database == f"sqlite:///{tmp_path}/data/botbeat/botbeat.db"
    assert (tmp_path / "data/botbeat").is_dir()


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nBOTBEAT_COMMENTS=off\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("PORT", "9001")
    settings = load()
    assert (settings.port, settings.botbeat_comments) == (9001, "off")


def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in EXAMPLES:
        monkeypatch.setenv(name, "")
    assert load() == Settings(_env_file=None)  # type: ignore[call-arg]  # an argument of pydantic's own


def test_a_database_address_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@db/botbeat")
    assert load().database == "postgres://me:secret@db/botbeat"


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret-1")
    monkeypatch.setenv("DISCORD_TOKEN", "secret-2")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-3")
    assert "secret-" not in repr(load()) + str(load())


@pytest.mark.parametrize(
    ("given", "address", "model"),
    [
        ({}, "", ""),
        ({"OPENAI_API_KEY": "sk-1"}, "https://api.openai.com/v1", "gpt-5-mini"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, "http://127.0.0.1:1/v1", "gpt-5-mini"),
        ({"OPENAI_BASE_URL": "http://a/v1", "BOTBEAT_MODEL": "qwen"}, "http://a/v1", "qwen"),
    ],
)
def test_a_model_is_used_as_soon_as_there_is_a_key_or_an_address(
    given: dict[str, str], address: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load()
    assert (settings.model_address, settings.model) == (address, model)


BOTH = "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"


@pytest.mark.parametrize(
    ("given", "slack"),
    [
        ({}, ["SLACK_BOT_TOKEN", BOTH]),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, [BOTH]),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, []),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "abc"}, []),
    ],
)
def test_what_is_missing_is_said_by_the_names_that_would_switch_it_on(
    given: dict[str, str], slack: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert load().missing().get("slack", []) == slack
    assert load().missing()["discord"] == ["DISCORD_TOKEN"]
    monkeypatch.setenv("DISCORD_TOKEN", "a.b.c")
    assert "discord" not in load().missing()
