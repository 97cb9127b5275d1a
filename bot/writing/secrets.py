"""What looks like a secret: taken out of what a model is shown, and never let out of it."""

from __future__ import annotations

import re

REMOVED = "[removed]"

_KNOWN = (
    r"(?:sk|pk|rk)[-_](?:[a-z]+[-_])?[\w-]{8,}|xox[a-z]-[\w-]{6,}|xapp-[\w-]{6,}|gh[a-z]_\w{10,}"
    r"|github_pat_\w{10,}|glpat-[\w-]{10,}|hf_\w{10,}|pypi-[\w-]{10,}|npm_\w{10,}|AKIA[0-9A-Z]{8,}"
    r"|AIza[\w-]{10,}|ya29\.[\w-]{6,}|eyJ[\w-]{8,}[\w.-]*|-----BEGIN[ A-Z]*(?:-----)?"
)
_LONG = (
    r"(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])(?<![\w+/=-])[\w+/=-]{20,}(?![\w+/=-])"
    r"|\b[0-9a-fA-F]{16,}\b"
)
"""Letters and digits without a space: a key, a hash or a token, whoever made it."""

_NAMED = (
    r"(?i:(?:password|passwd|passphrase|secret|token|credential|api[ _-]?key)s?\s*"
    r"(?:[:=]\s*|\bis\s+)(?=[^\s\"]*[\d_!$%&-])[^\s\"]{4,})"
)
SECRET = re.compile(rf"{_KNOWN}|{_LONG}|{_NAMED}")


def without_secrets(text: str) -> str:
    """The text with REMOVED where something looks like a secret."""
    return SECRET.sub(REMOVED, text)
