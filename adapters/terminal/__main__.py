"""`python -m adapters.terminal` is `botbeat`."""

from adapters.terminal.cli import main

main()
