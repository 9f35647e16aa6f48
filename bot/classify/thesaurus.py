"""Words that headlines use for the same: whoever is hacked is breached as well.

Not all of them mean the same everywhere, but they do often enough in two headlines that share other
words, too.
"""

from __future__ import annotations

_ALIKE = """
    hack hacker hacking breach cyberattack;
    launch release introduce unveil debut announce reveal ship shipped drop dropped rollout;
    layoff laying laid lays;
    acquire acquisition buy bought purchase merger merge merging takeover;
    raise secure funding round lands nabs closes;
    sue suing lawsuit;
    ban banned banning prohibit bar barred outlaw forbid moratorium;
    halt pause pausing suspend stop stopped;
    explode explosion blows blowup;
    leave leaving left depart departure exit quit resign;
    arrest charge charging accuse indict;
    award win won contract deal;
    kill shut shutting shutdown discontinue end ending sunset remove removing;
    worker employee staff staffer contractor;
    robotaxi driverless autonomous;
    pentagon dod dow military;
    us american america;
    china chinese;
    eu europe european;
    uk britain british;
    judge court jury trial;
    price pricing cost cheap cheaper;
    investigate investigation probe;
    settle settlement pay;
    fire firing ousted ousts;
    hire hiring appoint poach poaching names;
    partner partnership team collaboration;
    researcher scientist study;
    law bill legislation act;
    customer user people subscriber;
    image picture photo;
    voice speech audio;
    vulnerability bug flaw;
    datacenter datacentre;
    expand expansion;
    hit reach pass passed surge surpass top;
    build built construct construction;
    phone smartphone mobile;
    laptop pc;
    car vehicle ev;
    claim said;
    free open;
    death died dies dead;
    leak leaking
"""


def without_ending(token: str) -> str:
    """A word without the ending that number or tense gives it."""
    for ending in ("ing", "ies", "ed", "es", "s", "e"):
        if token.endswith(ending) and len(token) - len(ending) >= 4 - (len(ending) == 1):
            return token[: -len(ending)]
    return token


def _read() -> dict[str, str]:
    lines = [line.split() for line in _ALIKE.split(";")]
    return {without_ending(word): without_ending(words[0]) for words in lines for word in words}


_SAME = _read()


def stem(token: str) -> str:
    """A word without its ending; of those that mean the same, the first."""
    short = without_ending(token)
    return _SAME.get(short, short)
