"""In which language a post is written: from its prose, never from code, addresses or a form.

Most posts hold so many of the little words of English that nothing else need be asked. The others
go to py3langid, whose model comes inside the package.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bot.forms import body_of, title_of

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READ = 4_000
"""Characters of a body in which code is looked for."""
_BODY, _TITLE = 800, 300
"""Characters without code in which prose is looked for."""
_TOLD = 400
"""Characters of prose by which it is decided: more change nothing."""

_WORDS = 6
"""A language is never told from fewer words than this ..."""
_SIGNS = 8
"""... or from fewer signs of another script; a letter of an alphabet counts as half a sign."""
_MOSTLY = 0.35
"""So many words in another script to each Latin one make it the language of the post: names of
products, commands and errors are Latin everywhere."""
_SURELY = 0.5
"""The chance from which py3langid is believed. Its chances are made even over lengths of text."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{0,300}`|<[^>\n]{1,300}>|https?://\S+", re.DOTALL)
_WORD = re.compile(r"(?<![\w./\\@#$:=-])[^\W\d_]+(?:['-][^\W\d_]+)*(?![\w/\\@=]|[.:][\w/])")
"""A word of a sentence: no part of a path, an address, an option, a name in code or a number."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_FOREIGN = re.compile(r"[^\W\d_A-Za-z]")
"""A letter that English has not."""
_OTHER = re.compile(r"[^\W\d_A-Za-z\u00aa-\u02ff\u1e00-\u1eff\U0001d400-\U0001d7ff]")
"""A letter of another script; the last range is Latin in fancy dress."""
_SIGN = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Of a script in which two signs make about a word: Chinese, Japanese, Korean."""

_LITTLE_WORDS = (
    "about after all and any anyone are been because but can't could does doesn't don't from get "
    "had have how i'm i've if isn't it it's its just not only our should that the their there "
    "these they this using what when where which while who why with would you your"
)
"""Of English, and not of any other language that is written without accents."""
_ENGLISH = frozenset(_LITTLE_WORDS.split())
_ENGLISH_AT_LEAST = 0.12
"""The share of such words from which a text without a foreign letter is English, unasked."""


def language_of(title: str, text: str) -> str | None:
    """The ISO 639-1 code of the language that most of a post is written in.

    None where there is too little prose to tell. Pure: the same words, the same language.
    """
    prose = f"{title_of(title[:_TITLE])}. {_prose(text)}".replace("\u2019", "'")
    if prose.isascii() or not _FOREIGN.search(prose):
        return _of_latin(_WORD.findall(prose), plain=True)
    words = [word for word in _WORD.findall(prose) if _LATIN.match(word)]
    others, signs = len(_OTHER.findall(prose)), len(_SIGN.findall(prose))
    letters = others - signs
    if signs / 2 + letters / 5 < _MOSTLY * len(words):
        return _of_latin(words, plain=False)
    if signs + letters / 2 < _SIGNS:
        return None
    return _asked("".join(c for c in prose if c == " " or not c.isascii()))


def _prose(text: str) -> str:
    """What is left of a body without code, addresses and what a form adds."""
    text = text[:_READ]
    if "`" in text or "<" in text or "://" in text:
        text = _CODE.sub(" ", text)
    return body_of(text[:_BODY])


def _of_latin(words: list[str], *, plain: bool) -> str | None:
    """`plain`: without any letter that English has not."""
    if len(words) < _WORDS:
        return None
    if plain:
        english = sum(word in _ENGLISH for word in " ".join(words).lower().split())
        if english > 1 and english >= _ENGLISH_AT_LEAST * len(words):
            return "en"
    return _asked(" ".join(words))


def _asked(prose: str) -> str | None:
    """What py3langid says; None where it is not sure, or takes it for no language at all."""
    code, chance = _identifier().classify(prose[:_TOLD])
    return code if chance >= _SURELY and len(code) == _ISO_639_1 else None


_ISO_639_1 = 2
"""Letters of such a code."""


@cache
def _identifier() -> LanguageIdentifier:
    # A third of a second to load: what meets English alone must not wait for it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 see above

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Of the others it knows, most are varieties that a few technical words cannot tell apart;
    # zxx is what is no language.
    found.set_languages([code for code in found.labels if len(code) == _ISO_639_1 or code == "zxx"])
    return found
