"""What people say of a report by a form, and take back, where we cannot read their messages.

The rule: the origin of such a comment has the number of the person in it, so that nobody can name
another one's; and the number of the form that was sent off, so that it is one comment however
often Discord tells of it.
"""

from __future__ import annotations

import discord

from adapters.discord.events import neutral
from bot.bot import Bot
from bot.comments import FORM
from bot.message import Button, Message
from bot.model import Channel, MessageRef, Person

COMMENT, UNSAY = "comment ", "unsay:"
SAID = "Your comment stands in the report's thread, under your name."
NOT_SAID = Message("This report takes no comments here any more. Nothing was said.", refused=True)
EMPTY = Message("There were no words in it. Nothing was said.", refused=True)
UNSAID = Message("Your comment was taken back, here and wherever else it stood.", replace=True)
UNKNOWN = Message("You have no such comment here. Nothing was changed.", refused=True)


def author_of(asked: discord.Interaction) -> Person:
    who = asked.user
    return Person("discord", str(who.id), who.display_name, who.display_avatar.url)


async def say(
    bot: Bot, asked: discord.Interaction, place: Channel, command: str, words: str
) -> Message:
    """`command` is that of the core's form: `comment`, the report, and its message here."""
    _, report, *_ = command.split(" ")
    author = author_of(asked)
    # Asked anew, as comments may have been switched off while the person wrote.
    shown = await bot.command(place, author, f"form:comment {report}", manages=False)
    if shown.form is None:
        return shown
    if not (text := neutral(words, {}, (), "")):
        return EMPTY
    above = MessageRef(place, shown.form.command.split(" ")[2])
    origin = _origin(asked, place, str(asked.id))
    await bot.comment_posted(origin, above, author, text, asked.created_at.timestamp())
    if not await bot.is_comment(origin):
        return NOT_SAID
    return Message(SAID, buttons=(Button("Take it back", f"{UNSAY}{asked.id}"),))


async def unsay(bot: Bot, asked: discord.Interaction, place: Channel, number: str) -> Message:
    """It may be asked twice; the second time it is gone already."""
    origin = _origin(asked, place, number)
    if not await bot.is_comment(origin):
        return UNKNOWN
    await bot.comment_deleted(origin)
    return UNSAID


def _origin(asked: discord.Interaction, place: Channel, number: str) -> MessageRef:
    return MessageRef(place, f"{FORM}{asked.user.id}:{number}")
