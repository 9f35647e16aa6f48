"""Follows docs/operations.md: its commands are copied from the page and run in a clean place, and
what the page promises is looked at.

    .venv/bin/python -m deploy.follow server
    .venv/bin/python -m deploy.follow containers
    .venv/bin/python -m deploy.follow dynos

All take root; `server` also `debootstrap` and `systemd-nspawn`, as it lays a Debian in a temporary
folder and removes it afterwards; `containers` a Docker with compose that holds nothing called
botbeat yet, and the images that `deploy/` begins with, or a way to them. Slack is ours
(`tests/servers`). No source is visited, as names are resolved only while something is installed;
containers visit each once, like any first start. What is typed is printed, and what came of it;
the first thing that is not as the page says ends it with 1. What is committed is followed, not what
lies in the checkout.
"""
