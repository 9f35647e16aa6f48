"""Judging headlines: whose news it is, of which kind, whether of AI, and why.

The headlines are our own, made after the patterns of many real ones.
"""

from __future__ import annotations

import pytest

from bot.catalogue import TAGS
from bot.classify import judge
from bot.classify.lexicon import Lexicon
from bot.model import TYPES


@pytest.mark.parametrize(
    "title",
    [
        "A new language model reads lips",
        "OpenAI moves to a bigger office",
        "Claude learns to knit",
        "City council votes on robotaxis",
        "Hospital tries humanoid robots on night shifts",
        "Agents that book your flights are here, says study of LLM tools",
        "How we cut inference cost of our model in half",
        "国产大模型再降价",
    ],
)
def test_news_about_ai_is_let_in(title: str) -> None:
    assert judge(title).is_ai, judge(title).reasons


@pytest.mark.parametrize(
    "title",
    [
        "Show HN: A calendar for people who forget birthdays",
        "Apple opens a store in Lyon",
        "The history of the zip fastener",
        "PostgreSQL 21 released",
        "Real estate agents report a slow spring",
        "Fashion models strike in Milan",
        "Samsung raises prices of its fridges",
    ],
)
def test_other_news_is_kept_out(title: str) -> None:
    assert not judge(title).is_ai, judge(title).reasons


def test_one_weak_word_is_too_little_and_two_are_enough() -> None:
    one = judge("A faster chip for washing machines")
    assert not one.is_ai
    assert "That alone is too little to be AI news." in one.reasons
    assert judge("A faster chip for training at home").is_ai


def test_where_it_stands_can_make_it_ai_news() -> None:
    assert not judge("A quiet afternoon", "https://example.org/notes").is_ai
    assert judge("A quiet afternoon", "https://openai.com/index/quiet").is_ai
    assert judge("A quiet afternoon", "https://ai.meta.com/blog/quiet").is_ai
    assert judge("A quiet afternoon", "https://news.example/ai/quiet").is_ai
    assert judge("A quiet afternoon", source="TechCrunch AI").is_ai


def test_a_paper_needs_less_than_a_headline_in_the_news() -> None:
    for title in ("Calibrated Segmentation of Retinal Vessels", "Toeplitz Mixers with Few MLPs"):
        assert not judge(title, "https://news.example/1").is_ai
        assert judge(title, "https://arxiv.org/abs/2601.00001").is_ai, title
    assert not judge("Rings of Saturn, revisited", "https://arxiv.org/abs/2601.00002").is_ai


def test_an_agent_is_one_of_ai_where_developers_read_and_in_chinese_headlines() -> None:
    title = "The agent gave the right answer"
    assert judge(title, source="DEV Community").is_ai
    assert not judge(title, source="Wired").is_ai
    assert not judge("Border agents show their faces", source="Hacker News").is_ai
    assert not judge("ssh-agent 2.0 released", source="Lobsters").is_ai
    assert judge("谁来为 agent 买单？").is_ai


def test_a_text_that_speaks_of_ai_again_and_again_makes_it_ai_news() -> None:
    assert judge("A quiet afternoon", text="The chatbot, an LLM, is generative.").is_ai
    assert not judge("A quiet afternoon", text="Somebody mentioned a chatbot once.").is_ai


def first(title: str, url: str = "", source: str = "") -> str:
    """The company that acts, or nothing."""
    return (judge(title, url, source=source).companies or ("",))[0]


def test_the_first_name_in_a_headline_is_the_one_that_acts() -> None:
    assert judge("Microsoft sues Google over maps").companies == ("microsoft", "google")
    assert judge("Google’s Gemini comes to Samsung fridges").companies == ("google", "samsung")


def test_a_tool_that_is_only_used_does_not_come_first() -> None:
    assert judge("Built with Claude, Notion’s planner schedules a city").companies[0] == "notion"
    assert first("ChatGPT-like helper from Baidu learns to sing") == "baidu"
    assert first("An alternative to ChatGPT from Mistral") == "mistral"
    assert first("Nvidia-backed Wayve drives in Rome") == "wayve"


def test_a_former_employee_is_not_the_company() -> None:
    assert judge("Former DeepMind researcher opens a bakery").companies == ()


def test_a_persons_own_project_is_no_companys_news() -> None:
    assert judge("Show HN: I taught a parrot to use Claude Code").companies == ()
    assert first("OpenAI banned my parrot") == "openai"


def test_products_and_chinese_names_stand_for_their_companies() -> None:
    assert first("Qwen 5 speaks Breton") == "alibaba"
    assert first("字节跳动发布豆包新模型") == "bytedance"
    assert first("GPT-7 plays chess badly") == "openai"


@pytest.mark.parametrize(
    "title",
    [
        "How to figure out which model to use",
        "A meta-analysis of chatbots",
        "Apple pie baked by a robot arm with AI",
        "Claude Monet’s garden, painted again by AI",
        "How to Scale AI in a small team",
        "Together with AI, villagers map a river",
        "Startup wants to scale AI helpers",
    ],
)
def test_an_ordinary_word_is_not_taken_for_a_company(title: str) -> None:
    assert judge(title).companies == ()


def test_a_name_that_is_a_word_counts_where_the_company_is_surely_meant() -> None:
    assert first("Figure unveils a humanoid that folds laundry") == "figure"
    assert first("Opus 9 writes a symphony") == "anthropic"
    assert first("Opus posthumous by a forgotten composer") == ""
    assert first("Scale’s AI labelling team") == "scale-ai"
    assert first("Block by block", "https://block.xyz/inside/blocks") == "block"


def test_the_text_confirms_a_name_and_counts_where_the_headline_names_nobody() -> None:
    title = "Lambda goes north"
    assert judge(title).companies == ()
    assert judge(title, text="Lambda Labs rents GPUs.").companies == ("lambda",)
    title = "Chinese models lead as policymakers seek a response"
    assert judge(title, text="OpenAI was quoted once.").companies == ()
    told = "Alibaba leads with Qwen. Alibaba opened it. OpenAI watches. Andreessen Horowitz says"
    assert judge(title, text=f"{told} so. Andreessen Horowitz paid.").companies == ("alibaba",)


def test_a_company_speaks_on_its_own_pages() -> None:
    assert first("Llama on new wheels", "https://groq.com/blog/llama") == "groq"
    assert first("All systems normal", "https://status.claude.com/incidents/1") == "anthropic"
    assert first("Notes on a release", source="The Cohere Blog") == "cohere"


def test_a_host_for_everybody_speaks_for_nobody_but_the_account() -> None:
    assert first("A tiny parser", "https://github.com/ada/parser") == ""
    assert first("A tiny parser", "https://github.com/QwenLM/parser") == "alibaba"
    assert first("Weights are up", "https://huggingface.co/mistralai/tiny") == "mistral"
    assert first("A long thread", "https://x.com/ada/status/1") == ""


def test_an_evaluators_page_is_about_the_one_it_tests() -> None:
    url = "https://artificialanalysis.ai/articles/kimi"
    assert judge("Kimi K9 leads the pack", url).companies == ("moonshot", "artificial-analysis")


def test_a_paper_about_a_product_is_not_its_makers_news() -> None:
    assert first("Why Stable Diffusion forgets colours", "https://arxiv.org/abs/2601.00001") == ""


def test_a_company_nobody_listed_is_known_by_its_money_or_its_site() -> None:
    assert first("Robot startup Mossgarden raises $12M to weed fields") == "mossgarden"
    assert first("Mossgarden AI Raises $12M Seed Round") == "mossgarden-ai"
    assert first("Mossgarden opens in Oslo", "https://mossgarden.example/news") == "mossgarden"
    assert first("Study raises questions about chatbots") == ""
    assert first("China raises $40B for chips") == ""


@pytest.mark.parametrize(
    ("kind", "title", "url"),
    [
        ("PRODUCT LAUNCH", "Introducing Claude Garden", "https://anthropic.com/news/garden"),
        ("PRODUCT LAUNCH", "Gemini 9 Pro", "https://blog.google/gemini-9"),
        ("PRODUCT LAUNCH", "Mistral launches a voice for trains", ""),
        ("OPEN SOURCE", "Xiaomi open sources a model that hears rain", ""),
        ("OPEN SOURCE", "Show HN: A tiny LLM router", "https://github.com/ada/router"),
        ("RESEARCH", "Towards robust reward models", "https://arxiv.org/abs/2601.00002"),
        ("RESEARCH", "Study finds chatbots flatter their users", ""),
        ("RESEARCH", "Cyber evaluations of our models", "https://www.aisi.gov.uk/blog/cyber"),
        (
            "UPDATE",
            "Codex is now 3x faster and costs less",
            "https://openai.com/index/codex-faster",
        ),
        (
            "PARTNERSHIP",
            "How Orchard is building the future of pears",
            "https://openai.com/index/pears",
        ),
        ("FUNDING & BUSINESS", "Mossgarden raises $12M for farm robots", ""),
        ("FUNDING & BUSINESS", "OpenAI acquires a maker of clocks", ""),
        ("FUNDING & BUSINESS", "OpenRouter is joining Harbor", "https://openrouter.ai/joining"),
        ("POLICY & REGULATION", "Senators propose a law on AI companions", ""),
        ("POLICY & REGULATION", "Authors sue Meta over training data", ""),
        ("PARTNERSHIP", "Cohere and Fujitsu announce a partnership for banks", ""),
        ("PARTNERSHIP", "How Lufthansa plans crews with Claude", "https://claude.com/blog/crews"),
        ("UPDATE", "Copilot now supports Welsh and gets faster", ""),
        ("UPDATE", "ChatGPT release notes", "https://help.openai.com/en/release-notes"),
        ("INDUSTRY REPORT", "Elevated errors on the API", "https://status.openai.com/incidents/7"),
        ("INDUSTRY REPORT", "Hackers breached an AI toy maker", ""),
        ("OPINION", "Why I stopped asking chatbots for recipes", ""),
        ("OPINION", "Ask HN: Which LLM do you trust with your diary?", ""),
        ("OPINION", "A beginner's guide to prompts", ""),
        ("OPINION", "Agents that tend a garden of spreadsheets", "https://dev.to/ada/agents"),
        ("OPINION", "AI 园丁如何照料玫瑰", ""),
        ("OPINION", "We are the people behind Tern 2. Ask us anything!", ""),
        ("OPINION", "Harbor's next chief should launch an AI phone", ""),
        ("OPINION", "Podcast: Robotaxis launch in the rain", ""),
        ("POLICY & REGULATION", "Ohio launches investigation into a chatbot", ""),
        ("INDUSTRY REPORT", "A Quiet Week, Robots Learn Judo, Chips Get Hot, Models Go Small", ""),
        ("PRODUCT LAUNCH", "OpenAI starts offering a model for biology", ""),
        ("PRODUCT LAUNCH", "智能手表 Tern AI 版 6 月 23 日发售", ""),
        ("PARTNERSHIP", "How an orchard uses Claude", "https://anthropic.com/news/orchard"),
        (
            "PARTNERSHIP",
            "Orchard Bank answers twice as fast with Claude",
            "https://anthropic.com/x",
        ),
        ("INDUSTRY REPORT", "OpenAI buys a clock; an AI law passes; a robot sings", ""),
        ("INDUSTRY REPORT", "晚报｜OpenAI 发布新模型", ""),
        ("PRODUCT LAUNCH", "Mossnote AI", "https://www.producthunt.com/products/mossnote"),
        ("RESEARCH", "Postmortem: a night on which our chatbot spoke in rhymes", ""),
    ],
)
def test_the_kind_of_news_is_told_by_words_form_and_place(kind: str, title: str, url: str) -> None:
    told = judge(title, url)
    assert told.type == kind, told.reasons


def test_raising_concerns_is_not_raising_money() -> None:
    assert judge("AI toy raises concerns among parents").type != "FUNDING & BUSINESS"


def test_topics_come_from_the_headline_the_kind_and_a_text_that_insists() -> None:
    assert "Robotics" in judge("A humanoid waters the plants").tags
    assert "Market Trends" in judge("OpenAI acquires a maker of clocks").tags
    assert "Healthcare" in judge("A chatbot at work", text="Doctors, patients, nurses. " * 4).tags
    assert set(judge("Senators sue a maker of humanoids").tags) <= {tag.name for tag in TAGS}
    assert "Healthcare" not in judge("A chatbot at work", text="One doctor came by.").tags


def test_a_judgement_says_why() -> None:
    told = judge("Anthropic sued over a chatbot that sang")
    assert told.reasons == (
        "Anthropic is an AI company.",
        "“chatbot” is a word of AI.",
        "“Anthropic” stands for Anthropic.",
        "“sued” is a sign of policy & regulation.",
    )


@pytest.mark.parametrize(
    "title",
    [
        "",
        " ",
        "?",
        "'s",
        "\x00\x01",
        "🤖" * 50,
        "A" * 100_000,
        "| " * 5_000,
        "人" * 2_000,
        "ﬁ ß İ ½ AI",
    ],
)
def test_any_text_at_all_is_judged(title: str) -> None:
    told = judge(title, "http://[broken", text=title, source=title)
    assert told.type in TYPES
    assert told.reasons


def test_the_longest_phrase_holds_and_five_thousand_names_cost_no_more_steps() -> None:
    names = [f"company {number}" for number in range(5_000)]
    found = Lexicon([("company", "short"), *((name, name) for name in names)])
    matches = found.find(["a", "company", "42", "met", "a", "company"])
    assert [(m.value, m.start, m.end) for m in matches] == [
        ("company 42", 1, 3),
        ("short", 5, 6),
    ]
