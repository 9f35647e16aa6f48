"""One call of the Web API: its arguments, who calls, and what is kept of it."""

import json
import time
from dataclasses import dataclass, field

from tests.servers.slack.answers import Answers
from tests.servers.slack.ledger import Accepted, Json
from tests.servers.slack.messages import Happening
from tests.servers.slack.pings import is_true, pings
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.state import Posted, State, Team, Token


@dataclass(slots=True)
class Call:
    """`warnings` go into the answer, `happenings` to the app once the call took effect."""

    state: State
    answers: Answers
    method: str
    args: Json
    token: Token
    warnings: list[str] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)

    @property
    def team(self) -> Team:
        return self.state.teams[self.token.team]

    def text_of(self, name: str) -> str:
        value = self.args.get(name)
        return "" if value is None else str(value)

    def must(self, name: str) -> str:
        """An argument without which the call means nothing."""
        if not (value := self.text_of(name)):
            pointer = f"[ERROR] missing required field: {name} [json-pointer:/{name}]"
            raise Refusal("invalid_arguments", response_metadata={"messages": [pointer]})
        return value

    def flag(self, name: str) -> bool:
        return is_true(self.args.get(name))

    def number(self, name: str, default: int, most: int) -> int:
        value = self.text_of(name)
        if not value:
            return default
        if not value.isdigit() or int(value) < 1:
            raise Refusal("invalid_limit")
        return min(int(value), most)

    def parsed(self, name: str, error: str) -> object:
        """An argument that may come as JSON or, in a form, as JSON in a string."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(error) from None

    def record(self, message: Posted) -> None:
        """Write down that the message now stands as it is."""
        updating = self.method == "chat.update"
        accepted = Accepted(
            method=self.method,
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            text=message.text,
            blocks=tuple(message.blocks),
            metadata=message.metadata,
            username=message.username,
            icon_url=message.icon_url,
            pings=pings(message.text, message.blocks, self.args, updating=updating),
            at=time.monotonic(),
            args=self.args,
        )
        self.state.write(accepted)
