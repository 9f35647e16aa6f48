"""The platforms our tests talk to, on localhost, each with a ledger of what it accepted."""
