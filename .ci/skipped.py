"""Fails when a test was skipped that is not in the list of at most five, with their reasons."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

report, allowed = sys.argv[1:]
lines = [line for line in Path(allowed).read_text().splitlines() if line and line[0] != "#"]
known = {line.split("  ", 1)[0] for line in lines}
cases = list(ElementTree.parse(report).getroot().iter("testcase"))
skipped = {
    f"{case.get('classname')}.{case.get('name')}"
    for case in cases
    if case.find("skipped") is not None
}
problems = [f"skipped without a reason in {allowed}: {name}" for name in sorted(skipped - known)]
if len(known) > 5:
    problems.append(f"{allowed} lists {len(known)} tests; five are the most")
if not cases:
    problems.append("no test was run")
print("\n".join(problems) or f"{len(cases)} tests, {len(skipped)} skipped")
sys.exit(bool(problems))
