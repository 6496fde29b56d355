"""
The contract version that introduced each word of a declaration.

An adapter is judged by the vocabulary of the contract version that it declares. A feature, a
prerequisite or a privilege of a later version therefore reads as not declared, and no check is made
about it. A value of a later version has no such reading, for example a form of retainage, so that
an adapter which declares it does not load.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

#: The contract version of each word that version 1 does not have, by the pattern of the word.
SINCE: tuple[tuple[str, int], ...] = (
    # word, such as features.deductions: * or terms.*.look_up: digest      since
)


def find_since(word: str) -> int:
    """Return the contract version that introduced a word, such as ``features.retainage: full``."""
    return next((since for pattern, since in SINCE if fnmatchcase(word, pattern)), 1)


def is_known(word: str, contract: object) -> bool:
    """Return whether a contract version has the word; true if ``contract`` is not an integer."""
    return not isinstance(contract, int) or find_since(word) <= contract
