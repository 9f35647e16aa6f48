"""What a headline is about: is it AI news, whose, of which kind; and are two about one event.

Everything here is word lists and rules over the tokens of `bot.query.text`, so that each decision
can be said in a sentence (`Judgement.reasons`) and put right by adding a word.
"""

from bot.classify.events import Headline, same_event
from bot.classify.importance import Importance, importance
from bot.classify.judge import judge

__all__ = ["Headline", "Importance", "importance", "judge", "same_event"]
