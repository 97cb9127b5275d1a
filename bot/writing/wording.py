"""The marks and words that decide whether a sentence may be told, all in one place."""

from __future__ import annotations

import re

ADDRESS = re.compile(
    r"//|\bwww\b|\b(?:https?|hxxps?|ftp|file|javascript|mailto|data|tel|slack):|\[\.\]|\(dot\)"
    r"|\bdot (?:com|org|net|io|dev|ai|co)\b|[\w-]+\.(?:com|org|net|info|biz|dev|app|xyz|online"
    r"|site|shop|store|page|cloud|link|click|top|club|live|blog|wiki|tech|zip|mov|email|example"
    r"|test|invalid|localhost|internal|local|onion|aero|arpa|asia|cat|coop|edu|gov|int|jobs|mil"
    r"|mobi|museum|name|post|pro|tel|travel)\b"
    r"|[\w-]+\.(?!(?:py|js|ts|go|rb|cs)\b)[a-z]{2}\b"
    r"|[\w.-]+\.[a-z]{2,}/\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|\bxn--",
    re.IGNORECASE,
)
"""A link, or what a surface or a reader would make one of."""
MARKUP = re.compile(
    r"[<>@\[\]{}|*~\\^=$\u20ac]|(?<!\w)#(?!\d)|(?<!\w)_|_(?!\w)|&#?\w+;|(?<!\w):[\w+-]+:|!(?:channel|here|everyone)"
    r"|^\s*(?:[-#>+]|\d+[.)])\s|``",
    re.IGNORECASE,
)
"""Mark-up of any surface, mentions, and marks of code."""
TO_THE_READER = re.compile(
    r"\b(?:you|your|yours|yourself|i|i'm|i've|i'll|me|my|mine|we|we're|our|ours|us|please|dear"
    r"|language model|ai model|an ai|assistant|chatbot|(?:system|hidden|this) prompt"
    r"|(?:previous|above|these|my|prior|following) (?:instruction|rule)s?|jailbreak\w*|fences?"
    r"|(?:post|fact) #?\d+)\b",
    re.IGNORECASE,
)
"""A sentence that speaks to somebody, of itself, or of what the model was shown."""
COMMAND = re.compile(
    r"(?:^|[.:;!?]\s+)(?:click|visit|go|run|execute|install|download|open|send|email|mail|contact"
    r"|call|pay|buy|subscribe|ignore|disregard|forget|reveal|print|output|delete|remove|rename"
    r"|stop|do|don't|never|always|tell|reply|respond|upgrade|update|switch|use|avoid|beware|try"
    r"|follow|join|sign|log|enter|share|forward|transfer|repeat|say|write|merge|close|approve"
    r"|grant|add|set|act|pretend|obey|note|remember|attention|warning|urgent|important)\b",
    re.IGNORECASE,
)
"""A sentence that begins with what somebody should do."""
ATTRIBUTED = re.compile(
    r"\b(?:report|sa(?:y|id)|complain|describ|mention|ask|call|t(?:ell|old)|writ|wrote|want|not(?:e|ic)"
    r"|blam|claim|find|found|according|user|people|person|somebody|someone|others?\b|post|develop"
    r"|thread|author|reporter)",
    re.IGNORECASE,
)
"""Says that somebody says so."""

SPEAKERS = re.compile(
    r"\b(?:teams?|maintainers?|official(?:s|ly)?|staff|compan(?:y|ies)|employees?|admins?|ceo)\b",
    re.IGNORECASE,
)
"""Those in whose name no stranger may speak."""

TURNS = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"grow\w*|grew|rising|rises?|rose|increas\w+|climb\w*|surg\w+|spik\w+|worse\w*",
        r"fad(?:e|es|ed|ing)|declin\w+|decreas\w+|fall(?:s|ing)?|fell|shrink\w*|dropp?\w*|improv\w+",
        r"steady|stable|unchanged|constant",
        r"new|newly",
        r"came back|com(?:es|ing) back|return\w*|recurr\w+|regress\w+",
        r"fixed|fix(?:es)?|resolved|solved|repaired|closed|done",
        r"untracked|unreported|not tracked",
        r"not|no longer|never|cannot|\w+n't|nothing|neither|nor|without|fails? to",
    )
)
"""Words that turn what is said into something else: each kind must be an item's own."""

COMMON = frozenset(
    """about above across affected after again against along also although among another appear
    appears around because become been before began begin being between both cause caused
    causing come comes coming complain complained complains complaint complaints could days
    describe described describes different does down during each either even ever find finds
    first following from further gave give given gives goes going grew grow growing grows
    have having here into issue issues itself just keep keeps kept known last lately later
    least less like made main mainly make makes making many mean means mention mentioned
    mentions might more much name named need needs never next note noted notes often once
    only other others over part people place places post posted posts problem problems raise
    raised raises recent recently remain remains report reported reporting reports said same
    saying says see seem seems seen several share show shown shows since single some
    somebody someone speak spoke steady still stood strongest such take takes taking talk
    tell tells than that their them theme themes then there these they this those though
    through time times together told topic topics trouble under until upon used user users
    using usually very voice voices want wants weeks well were what when where whether which
    while whose will wish with within without word words work works would write writes
    writing written wrote""".split()  # noqa: SIM905 a list of quoted words is no easier to read
)
"""Words that say little by themselves, and need not stand in an item."""
