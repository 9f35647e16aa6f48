"""The commands, as people type them and press their buttons."""

from __future__ import annotations

import pytest

from bot.ports import Pace
from tests.world import World

QWEN = "Alibaba releases the Qwen 4 AI model"
CHIP = "Nvidia shows a chip for robots"
ALIBABA = (
    "Alibaba releases the Qwen 4 AI model",
    "Alibaba hires a chief AI scientist from Stanford",
    "Alibaba and SAP sign an AI partnership for factories",
    "Alibaba opposes an AI export rule in Washington",
    "Alibaba researchers describe a sparse attention method for LLMs",
    "Alibaba puts an AI assistant into its maps",
    "Alibaba AI chips reach mass production",
    "Alibaba cuts prices of its AI image generator",
    "Alibaba LLM wins a medical exam benchmark",
)
PAPER = "Anthropic publishes a paper on interpretability"


async def test_subscribing_says_what_it_means_and_how_much_will_come(world: World) -> None:
    for number, title in enumerate(ALIBABA):
        await world.news(title, ago=86400 * number)
    answer = await world.slack.types("subscribe company:alibaba")
    assert "company is Alibaba" in answer.text
    assert "reports matched: about 2 a week, " in answer.text
    assert len(answer.cards) == 3
    assert "stay here" in answer.text
    assert world.slack.reports() == []
    assert not answer.public


async def test_the_newest_report_can_be_posted_at_once(world: World) -> None:
    await world.news(QWEN)
    answer = await world.slack.types("subscribe company:alibaba")
    await world.slack.presses(answer, "Post the newest here")
    assert world.slack.reports() == [QWEN]
    again = await world.slack.presses(answer, "Post the newest here")
    assert "already" in again.text
    assert world.slack.reports() == [QWEN]


async def test_a_subscription_can_be_undone_by_its_button(world: World) -> None:
    answer = await world.slack.types("subscribe company:alibaba")
    await world.slack.presses(answer, "Undo")
    await world.news(QWEN)
    assert world.slack.reports() == []
    assert "no subscription yet" in (await world.slack.types("list")).text


async def test_unsubscribing_works_by_number_and_by_the_same_words(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.slack.types("subscribe company:nvidia type:research")
    assert "off" in (await world.slack.types("unsubscribe company:alibaba")).text
    assert "off" in (await world.slack.types("remove 2")).text
    assert "no subscription" in (await world.slack.types("unsubscribe 2")).text


async def test_unsubscribing_gives_up_what_was_not_sent_yet(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.bot.channel_paused(world.slack.channel, "archived")
    await world.news(QWEN)
    await world.slack.types("unsubscribe 1")
    await world.bot.channel_resumed(world.slack.channel)
    await world.settle()
    assert world.slack.reports() == []
    assert "not wanted" in (await world.slack.types(f"why {world.number(QWEN)}")).text


async def test_what_another_subscription_wants_is_still_sent(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.slack.types("subscribe")
    await world.bot.channel_paused(world.slack.channel, "archived")
    await world.news(QWEN)
    await world.slack.types("unsubscribe 1")
    await world.bot.channel_resumed(world.slack.channel)
    await world.settle()
    assert world.slack.reports() == [QWEN]


async def test_a_paused_subscription_posts_nothing_until_it_resumes(world: World) -> None:
    await world.slack.types("subscribe")
    await world.slack.types("pause")
    await world.news(QWEN)
    assert world.slack.reports() == []
    await world.slack.types("resume")
    await world.news(CHIP)
    assert world.slack.reports() == [CHIP]


async def test_a_pause_can_have_an_end(world: World) -> None:
    await world.slack.types("subscribe")
    assert "until" in (await world.slack.types("pause until:2h")).text
    world.clock.now += 3 * 3600
    await world.news(QWEN)
    assert world.slack.reports() == [QWEN]


async def test_search_results_can_be_paged_and_shared(world: World) -> None:
    for title in ALIBABA[:7]:
        await world.news(title)
    first = await world.slack.types("alibaba")
    assert len(first.cards) == 5
    assert "Page 1 of 2" in first.footer
    second = await world.slack.presses(first, "Older")
    assert len(second.cards) == 2
    assert second.replace
    await world.slack.presses(second, "Share")
    assert len(world.slack.reports()) == 1


async def test_nothing_found_offers_what_is_close(world: World) -> None:
    await world.news(QWEN)
    answer = await world.slack.types("alibabba")
    assert "No report matches" in answer.text
    assert any(button.command == "company:alibaba" for button in answer.buttons)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("subscribe type:opensource", "Did you mean: open-source"),
        ("subscribe kompany:alibaba", "Unknown key"),
        ("subscribe since:7d", "cannot be part"),
        ("why", "Which report?"),
        ("show 99999999999999999999999", "There is no report"),
        ("unsubscribe 12", "no subscription"),
        ("pause until:yesterday-or-so", "no time I know"),
        ("settings comments:loud", "one of off, read, share"),
        ("subscrib company:alibaba", "/botbeat subscribe"),
        ("go nowhere", "Search"),
    ],
)
async def test_bad_input_is_answered_in_plain_words_and_changes_nothing(
    world: World, typed: str, told: str
) -> None:
    assert told in (await world.slack.types(typed)).text
    assert "no subscription yet" in (await world.slack.types("list")).text


async def test_an_empty_command_is_help(world: World) -> None:
    assert "`subscribe company:alibaba`" in (await world.slack.types("")).text


async def test_only_managers_change_a_channel_that_asks_for_it(world: World) -> None:
    await world.slack.types("settings managers:admins")
    answer = await world.slack.types("subscribe", manages=False)
    assert "Nothing was changed" in answer.text
    assert "no subscription yet" in (await world.slack.types("list", manages=False)).text


async def test_why_tells_what_kept_a_report_out(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.news(CHIP, source="Robot weekly")
    answer = await world.slack.types(f"why {world.number(CHIP)}")
    assert "It was not posted here." in answer.text
    assert "company is Alibaba" in answer.text


async def test_a_company_nobody_knows_can_be_followed(world: World) -> None:
    answer = await world.slack.types("subscribe company:zorblatt")
    assert "No report names zorblatt yet" in answer.text
    await world.news("Zorblatt unveils an AI model for chess")
    assert world.slack.reports() == ["Zorblatt unveils an AI model for chess"]


async def test_every_button_is_short_enough_for_every_platform(world: World) -> None:
    await world.news(PAPER)
    long = "company:alibaba,openai,nvidia,anthropic,google,microsoft type:research,open-source"
    answer = await world.slack.types(f"subscribe {long} -tag:robotics")
    found = await world.slack.types(f"{long} paper")
    for message in (answer, found):
        for button in message.buttons:
            assert len(button.command.encode()) <= 90
    await world.slack.presses(found, "Subscribe")
    assert "paper" in (await world.slack.types("list")).text


async def test_typing_is_completed_from_companies_types_and_tags(world: World) -> None:
    made = await world.bot.completions(world.slack.channel, "subscribe company:ali")
    assert made[0] == ("subscribe company:ali", "subscribe company:ali")
    assert "subscribe company:alibaba" in [text for _, text in made]
    assert len(await world.bot.completions(world.slack.channel, "a")) <= 25


async def test_removing_nothing_in_particular_asks_which_one(world: World) -> None:
    await world.slack.types("subscribe")
    answer = await world.slack.types("unsubscribe")
    assert "Which subscription?" in answer.text
    assert "1 (everything)" in answer.text
    assert "1 subscription in" in (await world.slack.types("list")).text


async def test_removing_everything_asks_first(world: World) -> None:
    await world.slack.types("subscribe company:alibaba")
    await world.slack.types("subscribe company:nvidia")
    asked = await world.slack.types("unsubscribe all")
    assert "Remove 2 subscriptions" in asked.text
    assert "2 subscriptions" in (await world.slack.types("list")).text
    await world.slack.presses(asked, "Remove all")
    assert "no subscription yet" in (await world.slack.types("list")).text


async def test_settings_say_what_holds_and_offer_the_rest(world: World) -> None:
    shown = await world.slack.types("settings")
    assert "stay here" in shown.text
    assert [button.label for button in shown.buttons] == ["Share comments", "Comments off"]
    shared = await world.slack.presses(shown, "Share comments")
    assert "shown in the other channels" in shared.text
    on_page = await world.slack.presses(shared, "Show comments on the page")
    assert "on the report's page" in on_page.text
    off = await world.slack.presses(on_page, "Comments off")
    assert "Comments are off here" in off.text
    assert "Settings are" in (await world.slack.types("settings loud")).text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("pending", "on its way: too many requests"),
        ("sending", "being sent right now"),
        ("unsure", "looks before it sends again"),
        ("held", "It is held for too many requests until"),
        ("parked", "does not let BotBeat look"),
        ("refused", "The platform refused it"),
        ("given up", "not wanted here any more"),
        ("expired", "It was not posted"),
    ],
)
async def test_every_state_of_a_delivery_has_its_sentence(
    world: World, state: str, told: str
) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, settle=False)
    with world.store.write() as tx:
        (claimed,) = tx.deliveries.claim({"slack": Pace()}, 90, 1)
        tx.deliveries.postpone(claimed, state, tx.now, "too many requests")  # type: ignore[arg-type]  # a state by name
    answer = await world.slack.types(f"why {world.number(QWEN)}")
    assert told in answer.text


async def test_why_tells_of_a_report_that_was_removed_and_of_one_that_was_revised(
    world: World,
) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, key="q")
    await world.news(f"{QWEN} today", key="q")
    number = world.number(f"{QWEN} today")
    assert "Now at revision 2" in (await world.slack.types(f"why {number}")).text
    await world.bot.comment_deleted(world.slack.card_of(f"{QWEN} today"))
    assert "Somebody who manages" in (await world.slack.types(f"why {number}")).text


async def test_a_second_source_is_added_to_the_card_and_posts_nothing(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news(QWEN, url="https://qwen.example/4")
    await world.news(QWEN, url="https://qwen.example/4", source="The Decoder")
    ((_, message),) = world.slack.chat.standing("C1")
    assert message.cards[0].via == "Qwen blog · The Decoder"
    assert [post.edits for post in world.slack.chat.posts.values()] == [1]


async def test_what_is_not_about_ai_is_kept_out(world: World) -> None:
    await world.slack.types("subscribe")
    await world.news("A quiet day at the lake", text="The ducks were fed.", source="Local paper")
    assert world.slack.reports() == []
    assert (await world.slack.types("lake")).cards == ()
