"""What people do in a server: write, edit, delete, moderate, start threads, change permissions."""

from tests.servers.discord import permissions
from tests.servers.discord.channels import add_thread, open_thread
from tests.servers.discord.platform import Event, Platform
from tests.servers.discord.posting import announce, apply, place, post, remove, remove_many, update
from tests.servers.discord.requests import attachment
from tests.servers.discord.shapes import member_json, role_json, tag_json
from tests.servers.discord.state import (
    ANNOUNCEMENT,
    DIRECT,
    FORUM,
    MEDIA,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from tests.servers.discord.validate import Draft

KINDS = {"text": TEXT, "announcement": ANNOUNCEMENT, "forum": FORUM, "media": MEDIA}


class People:
    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    # The place

    def add_guild(self, name: str) -> Guild:
        """A server with an owner, in which the bot is a member with the ordinary permissions."""
        ids = self.platform.ids
        owner = User(ids.next(), f"Owner of {name}")
        guild = Guild(ids.next(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.ORDINARY)
        self.platform.users[owner.id] = owner
        self.platform.guilds[guild.id] = guild
        for user in (owner, self.platform.bot):
            self.enter(guild, user)
        self._joined(guild)
        return guild

    def enter(self, guild: Guild, user: User) -> None:
        """Makes a user a member, with a role of its own for what is granted later."""
        role = Role(self.platform.ids.next(), user.name, permissions.ORDINARY)
        guild.roles[role.id] = role
        guild.members[user.id] = Member(user, self.platform.now(), [role.id])
        if user is not self.platform.bot:
            data: Json = {**member_json(guild.members[user.id]), "guild_id": guild.id}
            self.platform.emit(Event("GUILD_MEMBER_ADD", data, guild.id))

    def add_person(self, name: str) -> User:
        user = User(self.platform.ids.next(), name)
        self.platform.users[user.id] = user
        return user

    def direct(self, user: User) -> Channel:
        """Where this person and the bot write to each other. Bots hear nothing of its opening."""
        for guild in self.platform.directs.values():
            if user.id in guild.members:
                return next(iter(guild.channels.values()))
        made = Channel(self.platform.ids.next(), "", "", DIRECT, person=user)
        role = Role("", "@everyone", permissions.ORDINARY)
        both = {one.id: Member(one, self.platform.now()) for one in (user, self.platform.bot)}
        self.platform.directs[made.id] = Guild("", "", "", {"": role}, both, {made.id: made})
        return made

    def add_channel(
        self, guild: Guild, name: str, kind: str, tags: list[str], *, requires_tag: bool
    ) -> Channel:
        made = Channel(self.platform.ids.next(), guild.id, name, KINDS[kind])
        made.tags = [tag_json(self.platform.ids.next(), tag) for tag in tags]
        made.requires_tag = requires_tag
        guild.channels[made.id] = made
        announce(self.platform, "CHANNEL_CREATE", made)
        return made

    def offers_tags(
        self, forum: Channel, *names: str, moderated: tuple[str, ...] = (), required: bool = False
    ) -> None:
        """Somebody changes the tags of a forum; those that stay keep their numbers."""
        known = {tag["name"]: tag["id"] for tag in forum.tags}
        forum.tags = [
            {**tag_json(known.get(name) or self.platform.ids.next(), name), "moderated": mod}
            for these, mod in ((names, False), (moderated, True))
            for name in these
        ]
        forum.requires_tag = required
        announce(self.platform, "CHANNEL_UPDATE", forum)

    # Writing

    def says(
        self, channel: Channel, user: User, content: str, files: list[str], reply_to: str | None
    ) -> Message:
        guild = self.platform.home(channel)
        if user.id not in guild.members:
            self.enter(guild, user)
        uploads = [attachment(self.platform.ids.next(), name) for name in files]
        draft = Draft(content, [], [], uploads, 0, None)
        return post(self.platform, channel, user, draft, reply_to=reply_to)

    def edits(self, channel: Channel, message: Message, content: str) -> None:
        draft = Draft(content, message.embeds, [], message.attachments, message.flags, None)
        apply(self.platform, channel, message, draft)

    def embeds_resolve(self, channel: Channel, message: Message) -> None:
        """Discord fetched a link's preview: an update that is no edit."""
        preview: Json = {"type": "link", "url": "https://link.invalid/", "title": "A preview"}
        message.embeds = [*message.embeds, preview]
        update(self.platform, channel, message)

    def deletes(self, channel: Channel, message: Message) -> None:
        remove(self.platform, channel, message.id)

    def bulk_deletes(self, channel: Channel, message_ids: list[str]) -> None:
        remove_many(self.platform, channel, message_ids)

    def starts_thread(self, channel: Channel, message: Message, user: User, name: str) -> Channel:
        return open_thread(self.platform, channel, message, user, name, 1440)

    def posts_in_forum(self, forum: Channel, user: User, name: str, content: str) -> Channel:
        """A thread and its first message, which share one id."""
        identity = self.platform.ids.next()
        thread = add_thread(self.platform, forum, identity, user, name, PUBLIC_THREAD, 1440)
        announce(self.platform, "THREAD_CREATE", thread, newly_created=True)
        place(
            self.platform, thread, Message(identity, identity, user, self.platform.now(), content)
        )
        return thread

    def archives(self, channel: Channel, *, archived: bool, locked: bool) -> None:
        if channel.thread is None:
            raise ValueError(f"{channel.name!r} is not a thread")
        channel.thread.archived, channel.thread.locked = archived, locked
        channel.thread.archive_changed = self.platform.now()
        announce(self.platform, "THREAD_UPDATE", channel)

    # Permissions

    def permits(
        self,
        guild: Guild,
        user: User,
        names: tuple[str, ...],
        *,
        allow: bool,
        channel: Channel | None,
    ) -> None:
        """With a channel: an overwrite there. Without: in every role the user has."""
        bits = permissions.bits(*names)
        if channel is not None:
            entry = channel.overwrites.setdefault(user.id, Overwrite(member=True))
            entry.allow = entry.allow | bits if allow else entry.allow & ~bits
            entry.deny = entry.deny & ~bits if allow else entry.deny | bits
            announce(self.platform, "CHANNEL_UPDATE", channel)
            return
        hidden = [one for one in guild.channels.values() if self.platform.is_hidden(one)]
        member = guild.members[user.id]
        for role_id in member.roles if allow else [guild.id, *member.roles]:
            role = guild.roles[role_id]
            role.permissions = role.permissions | bits if allow else role.permissions & ~bits
            data: Json = {"guild_id": guild.id, "role": role_json(role, 1)}
            self.platform.emit(Event("GUILD_ROLE_UPDATE", data, guild.id))
        # Of channels that become visible all is told; of those that a role hides, no page says it.
        for shown in [one for one in hidden if not self.platform.is_hidden(one)]:
            announce(self.platform, "CHANNEL_UPDATE", shown)

    # The bot's place in a server

    def removes_bot(self, guild: Guild) -> None:
        guild.present = False
        guild.members.pop(self.platform.bot.id, None)
        self.platform.emit(Event("GUILD_DELETE", {"id": guild.id}, guild.id))

    def invites_bot(self, guild: Guild) -> None:
        guild.present = True
        self.enter(guild, self.platform.bot)
        self._joined(guild)

    def _joined(self, guild: Guild) -> None:
        """Only a guild that comes back says whether it is available; a new one does not."""
        data = self.platform.guild_create_json(guild)
        del data["unavailable"]
        self.platform.emit(Event("GUILD_CREATE", data, guild.id))

    def outage(self, guild: Guild, *, over: bool) -> None:
        """An outage is no removal: GUILD_DELETE says `unavailable`."""
        guild.available = over
        if over:
            data = self.platform.guild_create_json(guild)
            self.platform.emit(Event("GUILD_CREATE", data, guild.id))
        else:
            data = {"id": guild.id, "unavailable": True}
            self.platform.emit(Event("GUILD_DELETE", data, guild.id))
