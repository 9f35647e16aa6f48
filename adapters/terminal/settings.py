"""Configuration: by environment and `.env`, under exactly these names.

A wrong value is refused at the start, with its name and an example; secrets never leave here
except to the part that needs them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

EXAMPLES = {
    "DATABASE_URL": "postgresql://user:password@host/botbeat",
    "PORT": "8080",
    "BOTBEAT_BASE_URL": "https://botbeat.example.com",
    "BOTBEAT_CONTACT": "news@example.com",
    "BOTBEAT_COMMENTS": "read (or off, share)",
    "BOTBEAT_METRICS": "127.0.0.1:9464",
    "SLACK_BOT_TOKEN": "xoxb-…",
    "SLACK_APP_TOKEN": "xapp-…",
    "SLACK_SIGNING_SECRET": "32 letters and digits from the app's Basic Information page",
    "SLACK_API_URL": "https://slack.com/api/",
    "DISCORD_TOKEN": "three parts with dots, from the Bot page of the developer portal",
    "DISCORD_API_URL": "https://discord.com/api/v10",
    "DISCORD_GATEWAY_URL": "wss://gateway.discord.gg/",
    "OPENAI_API_KEY": "sk-…",
    "OPENAI_BASE_URL": "https://api.openai.com/v1",
    "BOTBEAT_MODEL": "gpt-5-mini",
    "BOTBEAT_MODEL_HOUR": "200000 (tokens)",
    "BOTBEAT_MODEL_DAY": "1000000 (tokens)",
    "BOTBEAT_MODEL_PRICE": "0.5 (for a million tokens)",
}


class SettingsError(Exception):
    """The configuration is wrong; the text has a line for each wrong value, `code` is what the
    process ends with."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code


class Settings(BaseSettings):
    """All that can be configured. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", case_sensitive=False
    )

    database_url: str = ""
    port: int = Field(default=8080, ge=0, le=65535)
    botbeat_base_url: str = Field(default="", pattern=r"^(https?://[^\s/]+.*)?$")
    botbeat_contact: str = Field(default="", max_length=200)
    botbeat_comments: Literal["off", "read", "share"] = "read"
    botbeat_metrics: str = Field(default="", pattern=r"^((\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5})?$")
    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_api_url: str = Field(default="https://slack.com/api/", pattern=r"^https?://\S+$")
    discord_token: SecretStr = SecretStr("")
    discord_api_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    discord_gateway_url: str = Field(default="", pattern=r"^(wss?://\S+)?$")
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    botbeat_model: str = ""
    botbeat_model_hour: int = Field(default=200_000, ge=0)
    botbeat_model_day: int = Field(default=1_000_000, ge=0)
    botbeat_model_price: float = Field(default=0, ge=0)

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: SecretStr) -> SecretStr:
        return _starts(token, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr) -> SecretStr:
        return _starts(token, "xapp-")

    @field_validator("botbeat_metrics")
    @classmethod
    def _place(cls, place: str) -> str:
        if place and int(place.rpartition(":")[2]) > 65535:
            raise ValueError("there is no such port")
        return place

    @property
    def metrics_place(self) -> tuple[str, int] | None:
        """The host and the port at which this process is measured, if it is to be."""
        host, _, port = self.botbeat_metrics.rpartition(":")
        return (host.strip("[]"), int(port)) if port else None

    @property
    def database(self) -> str:
        """The database's address; a file in the user's data folder if none is given."""
        if self.database_url:
            return self.database_url
        folder = data_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'botbeat.db'}"

    @property
    def model_address(self) -> str:
        """Where the language model is asked; OpenAI itself if only a key is given."""
        if self.openai_base_url:
            return self.openai_base_url
        return "https://api.openai.com/v1" if self.openai_api_key.get_secret_value() else ""

    @property
    def model(self) -> str:
        return self.botbeat_model or ("gpt-5-mini" if self.model_address else "")

    def missing(self) -> dict[str, list[str]]:
        """The parts that are not configured, with the variables that would switch them on."""
        lacking = {
            "slack": ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"],
            "discord": ["DISCORD_TOKEN"],
        }
        if self.slack_bot_token.get_secret_value():
            listens = self.slack_app_token.get_secret_value()
            listens = listens or self.slack_signing_secret.get_secret_value()
            lacking["slack"] = [] if listens else lacking["slack"][1:]
        if self.discord_token.get_secret_value():
            lacking["discord"] = []
        return {part: names for part, names in lacking.items() if names}


def load() -> Settings:
    """The configuration of this process. Raises `SettingsError`."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(map(refusal, _wrong(error)))) from None


def usable() -> tuple[Settings, tuple[str, ...]]:
    """The configuration with the defaults in place of wrong values, and the names of those."""
    try:
        return Settings(), ()
    except ValidationError as error:
        wrong = _wrong(error)
    defaults = {name.lower(): Settings.model_fields[name.lower()].default for name in wrong}
    return Settings(**defaults), wrong


def _wrong(error: ValidationError) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(problem["loc"][0]).upper() for problem in error.errors()))


def refusal(name: str) -> str:
    """What to say of a variable whose value is wrong; the value itself may be a secret."""
    return f"{name} has a value that cannot be used. Example: {EXAMPLES[name]}"


def agent(base_url: str) -> str:
    """How we introduce ourselves to the hosts that we visit."""
    about = f"+{base_url}; " if base_url else ""
    return f"BotBeat/0.1 ({about}AI news in team chat)"


def data_folder() -> Path:
    """Where this user's programs keep their data."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "botbeat"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "botbeat"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "botbeat"


def _starts(token: SecretStr, start: str) -> SecretStr:
    if token.get_secret_value() and not token.get_secret_value().startswith(start):
        raise ValueError(f"does not start with {start}")
    return token
