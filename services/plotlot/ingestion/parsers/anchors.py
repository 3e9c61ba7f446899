"""What an export's entry is found by at its publisher: the page that shows it, or the id of its node."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

PUBLISHERS = frozenset(("library.municode.com", "codelibrary.amlegal.com", "ecode360.com"))
"""Hosts of publishers of codes: to no other does a citation lead, whatever a file says."""
_ADDRESS_KEYS = ("url", "link", "permalink", "href")
_ID_KEYS = ("nodeid", "node_id", "id", "guid")
_ID = re.compile(r"[A-Za-z0-9][\w.:-]{0,199}", re.ASCII)
_ADDRESS = re.compile(r"https://[!-~]{1,500}")


def anchor_of(entry: Mapping[str, Any]) -> str:
    """The address of an entry at a known publisher, else the id of its node; empty where it has neither."""
    lowered = {key.lower(): value for key, value in entry.items()}
    addresses = (lowered.get(key) for key in _ADDRESS_KEYS)
    ids = (lowered.get(key) for key in _ID_KEYS)
    return next(
        (one for one in addresses if isinstance(one, str) and is_at_publisher(one)),
        next((one for one in ids if isinstance(one, str) and _ID.fullmatch(one)), ""),
    )


def is_at_publisher(address: str) -> bool:
    """Whether an address is a page of a known publisher, asked for without a name, a password or another port."""
    if not _ADDRESS.fullmatch(address):
        return False
    try:
        return urlsplit(address).netloc in PUBLISHERS
    except ValueError:
        return False
