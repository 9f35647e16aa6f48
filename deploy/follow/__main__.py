"""The one part of the page that is named is followed; `deploy.follow` says what each takes."""

from __future__ import annotations

import asyncio
import sys

from deploy import follow
from deploy.follow import containers, dynos, server

PARTS = {"server": server.follow, "containers": containers.follow, "dynos": dynos.follow}


def main() -> None:
    if sys.argv[1:] not in [[name] for name in PARTS]:
        sys.exit(follow.__doc__)
    asyncio.run(PARTS[sys.argv[1]]())
    print("All is as the page says.")


if __name__ == "__main__":
    main()
