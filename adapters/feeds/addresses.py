"""Which addresses we may dial: public ones, and nothing that leads back into a network.

The check runs on the very address a socket is about to be made for, after DNS and for every
redirect, so neither a literal nor a name that changes its answer gets past it.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

Allowed = frozenset[tuple[str, int]]

# `is_global` calls these public although each carries or reaches another address.
_LEADING_ELSEWHERE = tuple(
    ip_network(net)
    for net in (
        "64:ff9b::/96",  # NAT64, RFC 6052: the last 32 bits are an IPv4 address
        "64:ff9b:1::/48",  # NAT64 for local use, RFC 8215
        "2002::/16",  # 6to4, RFC 3056
        "2001::/32",  # Teredo, RFC 4380
        "::/96",  # IPv4-compatible, RFC 4291
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "fec0::/10",  # site-local, RFC 3879
        "168.63.129.16/32",  # the host's own services inside Azure
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
    )
)


class BlockedAddress(OSError):
    """The address lies inside a network. An OSError, as the connector tries the next one then."""


def is_public(address: str) -> bool:
    """Whether a literal address is one that anybody on the internet may dial."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in net for net in _LEADING_ELSEWHERE if net.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class Guard:
    """Makes the sockets of a connector, for public addresses and `allow` only."""

    def __init__(self, allow: Allowed) -> None:
        self._allow = allow

    def __call__(self, address: tuple[Any, ...]) -> socket.socket:
        """A socket for one answer of `getaddrinfo`; BlockedAddress instead of a connection."""
        family, kind, protocol, _, where = address
        host, port = str(where[0]), int(where[1])
        if (host, port) not in self._allow and not is_public(host):
            raise BlockedAddress("not a public address")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made
