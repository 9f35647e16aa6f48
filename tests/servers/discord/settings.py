"""What can be switched on the local platform: limits, windows, and what nobody outside knows.

Where Discord's pages leave a question open, the field says so and both answers can be chosen.
"""

from dataclasses import dataclass

MESSAGE_CONTENT = 1 << 15
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
PRIVILEGED = MESSAGE_CONTENT | GUILD_MEMBERS | GUILD_PRESENCES


@dataclass(slots=True)
class Settings:
    """Times are seconds. Defaults are Discord's where Discord publishes them."""

    token: str = "bot.token.of-the-tests"
    # "The past few minutes" is all that is published about the length of this window.
    nonce_window: float = 120.0
    interaction_seconds: float = 3.0
    token_seconds: float = 900.0
    heartbeat_seconds: float = 41.25
    # The privileged intents switched on for the application in the developer portal.
    privileged: int = MESSAGE_CONTENT
    session_starts: int = 1000
    # Identifies closer together than this answer Invalid Session; Discord's figure is 5, for
    # max_concurrency 1. 0 keeps tests quick.
    identify_seconds: float = 0.0
    sharding_required_above: int = 2500
    rate_limits: bool = False
    bucket_size: int = 5
    bucket_seconds: float = 5.0
    global_per_second: int = 50
    max_active_threads: int = 1000
    # Since 16 November 2026 channels that a bot may not view tell nothing about themselves:
    # docs.discord.com/developers/change-log#channel-obfuscation-for-users-and-bots.
    hides_channels: bool = True
    # 50083 was seen as 400 in public reports; the documentation names no status.
    archived_status: int = 400
    # The threads page allows deleting inside an archived thread; reports of 50083 exist too.
    deletes_in_archived: bool = True
    # The system message that opens a thread made from a message also comes as an event.
    starter_message: bool = True
    # Only the gateway event is promised to carry the nonce; a fetched message may lack it.
    nonce_when_fetched: bool = False
    # Whether a message that is read back shows its buttons with their custom_id, as the pages say:
    # docs.discord.com/developers/components/reference#button.
    components_when_fetched: bool = True
