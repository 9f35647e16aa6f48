"""The words by which `same_event` keeps events apart: what happened, and in which tone."""

from __future__ import annotations

from bot.classify.lexicon import Lexicon, word_set

STOP = word_set(
    """
    a about after all also an and any are as at be been before but by can could did do does
    for from get gets had has have he her his how i if in into is it it's its just may me
    more most my no not now of off on one or our out over s says said she so some than that
    the their them then there these they this those through to too under up us was we were
    what when where which while who why will with without would you your via per amid
    """
)
COMMON = word_set(
    """
    ai artificial intelligence model models new company companies tech technology launch
    launches launched release releases released announce announces announced introduce
    introduces introducing unveil unveils debut debuts reveal reveals first big next make
    makes made use uses using used build builds building built help work works working want
    wants plan plans day week year today time world user users app apps tool tools platform
    system feature features startup report reportedly open agent agents llm llms data best
    better good people way thing things live available officially official come comes coming
    let lets show shows set take takes bring brings add adds update updated version
    exclusive breaking latest million billion preview meet
    """
)
"""Words of every other headline: they tell little. Those of `STOP` tell nothing."""

BARE = word_set(
    """
    new official officially available introducing announcing announced released release
    launched launch model models live open weights open-source ai v k m pdf meet preview
    beta
    """
)
"""What may stand beside a product's name in a headline that tells only that it is out."""

EXPLAINS = word_set("""
    how why what here here's what's who's this these inside meet my i i'm i've
    """)
"""With these a headline begins that tells more about an event than that it was."""

VARIANTS = word_set(
    """
    pro flash max mini lite ultra nano plus turbo air large small medium coder vl omni
    thinking opus sonnet haiku fable mythos instruct vision audio image edge tiny
    """
)
"""What tells apart the members of a family that have the same version number."""


def _lexicon(table: dict[str, str]) -> Lexicon[str]:
    return Lexicon(
        (phrase.strip(), meaning)
        for meaning, phrases in table.items()
        for phrase in " ".join(phrases.split()).split(";")
    )


ACTIONS = _lexicon(
    {
        "launch": """
            launch; launches; launched; launching; release; releases; released; releasing;
            introduces; introduced; introducing; introduce; unveils; unveiled; debuts; rolls out;
            rolling out; is out; is here; is live; is up; has arrived; now available; ships;
            announces; announcing; announced
            """,
        "money": "raises; raised; raise; funding; series a; series b; series c; seed; valuation",
        "takeover": "acquires; acquire; acquired; acquisition; buys; bought; to buy",
        "court": "sues; sued; suing; lawsuit; court; judge; jury; trial; ruling; settles",
        "ban": "bans; banned; ban; blocks; blocked",
        "failure": "failure; fails; failed; explodes; exploded; scrubbed; scrubs; crash; crashes",
        "people": """
            hires; joins; leaves; leaving; departs; steps down; quits; appoints; fired; ousted
            """,
        "layoffs": "layoffs; lays off; laid off; job cuts; cuts jobs",
        "listing": "ipo; goes public; go public; going public",
        "price": "price cut; price cuts; raises prices; price increase; price increases; costs",
    }
)
"""What happened. Two headlines that both say so and name nothing in common are apart."""

TONES = _lexicon(
    {
        "talk": """
            review; reviews; reviewed; hands on; tested; tried; vs; versus; comparison; compared;
            comparing; explained; explainer; explains; thoughts; guide; how; why; tips; tutorial;
            interview; opinion; lessons; need to know; i; my; me; i'm; i've; anyone; everything;
            deep dive; means for; what it means; running; locally; impressions; should; worth;
            roundtable; roundtables; live updates; what to expect; excellent;
            amazing; honestly; actually; tricks; the case for
            """,
        "test": """
            benchmark; benchmarks; benchmarking; ranked; tops; leaderboard; leader; leading;
            evaluation; evaluating; evaluations; system card; model card; technical report;
            analysis; scores; beats; outperforms; arena
            """,
        "elsewhere": """
            available in; available on; now live on; support for; gguf; ggufs; quants; supported;
            merged; integration; lands in
            """,
        "trouble": "outage; is down; goes down; elevated errors; incident; unavailable",
        "answer": """
            responds; response; reacts; reaction; backlash; apologizes; denies; hits back;
            pushes back; fires back; strikes back;
            investigate; investigates; investigation; probe; probes; orders; urges
            """,
        "rumour": """
            reportedly; rumor; rumors; rumored; leak; leaks; leaked; spotted; soon; expected
            """,
        "roundup": "the download; roundup; weekly; newsletter; podcast; and more",
    }
)
"""How an event is told. Plain news has no tone; a test, an answer or a rumour is a story itself."""
