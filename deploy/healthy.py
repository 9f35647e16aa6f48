"""Does BotBeat answer on this machine? `python healthy.py [PORT]` ends with 0 if so, else with 1.

It asks `/healthz` directly, whatever proxy the environment names.
"""

import http.client
import os
import sys


def main() -> int:
    port = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PORT") or "8080")
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        asked.request("GET", "/healthz")
        status = asked.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"Nothing answers on port {port}: {error}")
        return 1
    finally:
        asked.close()
    print(f"Port {port} answers with {status}.")
    return int(status != http.HTTPStatus.OK)


if __name__ == "__main__":
    sys.exit(main())
