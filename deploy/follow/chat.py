"""A channel in our Slack, and a person in it who types commands."""

from __future__ import annotations

import asyncio

from deploy.follow.page import check
from tests.servers.slack import SlackServer
from tests.waiting import until


class Chat:
    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self._ada = slack.adds_user("Ada")
        self.channel = slack.adds_channel("ai-news", members=[self._ada])

    async def is_heard(self) -> None:
        await asyncio.wait_for(self.slack.sockets.connected(), 60)

    async def asks(self, text: str) -> str:
        """The first answer to a command."""
        asked = self.slack.slash(self.channel, self._ada, text)
        await until(lambda: asked.answers, 60)
        return str(asked.answers[0].text)

    async def subscribes(self, company: str, number: int) -> None:
        told = await self.asks(f"subscribe company:{company}")
        check(told.startswith(f"Subscription {number} is on"), told.splitlines()[0])

    async def follows(self, *companies: str) -> tuple[bool, ...]:
        """Of which of these the channel has a subscription."""
        told = (await self.asks("list")).casefold()
        return tuple(company in told for company in companies)
