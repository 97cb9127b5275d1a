"""In which languages the posts of a theme are written, and how that is said."""

from __future__ import annotations

from collections import Counter

from bot.model import Citation, Theme

OURS = "en"
"""The language that everything we say is said in."""

_TOLD_FROM = 1 / 3
"""The share of a theme's posts in other languages from which a card tells of them."""

_NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "ta": "Tamil",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def language_name(code: str) -> str:
    """`Chinese` for `zh`; for the rarer ones the code itself."""
    return _NAMES.get(code, code)


def languages(theme: Theme) -> dict[str, int]:
    """How many posts are known to be in each language, most first; the others are in none."""
    known = Counter(m.reading.language for m in theme.members if m.reading.language)
    return dict(sorted(known.items(), key=lambda item: (-item[1], item[0])))


def languages_text(theme: Theme) -> str:
    """`5 of 12 posts are in another language: Chinese 4, Japanese 1`; empty for less than a third.

    Posts whose language is not known count as posts, but in no language.
    """
    others = {code: n for code, n in languages(theme).items() if code != OURS}
    number, posts = sum(others.values()), len(theme.members)
    if not number or number < _TOLD_FROM * posts:
        return ""
    named = ", ".join(f"{language_name(code)} {n}" for code, n in others.items())
    are = "is" if number == 1 else "are"
    return f"{number:,} of {posts:,} posts {are} in another language: {named}"


def spoken(cite: Citation) -> str:
    """`, in Chinese` after where a quote is from; empty where it is English, or not known."""
    code = cite.language
    return f", in {language_name(code)}" if code and code != OURS else ""
