"""The machine's form of every output: plain dicts that `--json` prints. A contract: only add."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.model import (
    Answer,
    Citation,
    Coverage,
    Crowd,
    Decision,
    Digest,
    Dissent,
    Hit,
    Precision,
    ThemeView,
)
from bot.speak.coverage import line
from bot.speak.criteria import criteria
from bot.speak.languages import languages
from bot.speak.plain import digest_text
from bot.speak.query import written
from bot.speak.tracking import tracking_data

Data = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """ISO, UTC, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None


def theme_data(view: ThemeView) -> Data:
    """A theme. `people` and `posts` count exactly the posts of `post_keys`."""
    members = view.theme.members
    return {
        "id": view.theme.id,
        "label": view.theme.label,
        "area": view.theme.area,
        "keywords": list(view.theme.keywords),
        "status": view.status.value,
        "people": view.crowd.people,
        "unknown_authors": view.crowd.unknown,
        "posts": view.crowd.posts,
        "recent": _crowd_data(view.recent) | {"days": view.period.length.total_seconds() / 86_400},
        "before": _crowd_data(view.before),
        "usual": round(view.usual, 2),
        "total": _crowd_data(view.total) | {"since": stamp(view.first_at)},
        "sources": dict(view.sources),
        "venues": dict(view.venues),
        "languages": languages(view.theme),
        "first_seen": stamp(members[0].created_at) if members else None,
        "last_seen": stamp(members[-1].created_at) if members else None,
        "weekly": [
            {
                "week": f"{week.start:%G-W%V}",
                "start": f"{week.start:%Y-%m-%d}",
                "people": week.people,
                "unknown_authors": week.unknown,
                "posts": week.posts,
            }
            for week in view.weekly
        ],
        "strength": round(view.strength, 3),
        "tracker": tracking_data(view.tracking),
        "criteria": [
            {"criterion": name.value, "posts": list(keys)}
            for name, keys in criteria(view.theme).items()
        ],
        "notes": list(view.notes),
        "muted": _mute_data(view.mute),
        "acknowledged": _seen_data(view.seen),
        "assigned": _assigned_data(view.assigned),
        "quotes": [citation_data(quote) for quote in view.quotes],
        "dissent": _dissent_data(view.dissent),
        "post_keys": [member.key for member in members],
    }


def digest_data(digest: Digest) -> Data:
    """A digest with its text form."""
    return {
        "period": {"since": stamp(digest.period.since), "until": stamp(digest.period.until)},
        "query": written(digest.query),
        "headline": digest.headline,
        "posts": digest.posts,
        "muted": digest.muted,
        "unwanted": digest.unwanted,
        "precision": precision_data(digest.precision) if digest.precision else None,
        "duty": digest.duty or None,
        "coverage": coverage_data(digest.coverage),
        "sections": [
            {
                "title": section.title,
                "themes": [theme_data(view) for view in section.shown],
                "left_out": section.left_out,
            }
            for section in digest.sections
        ],
        "text": digest_text(digest),
    }


def precision_data(found: Precision) -> Data:
    """How often the bot was right in a month; no share of a sample that is too small."""
    low, high = found.interval
    return {
        "month": found.month,
        "right": found.right,
        "judged": found.judged,
        "enough": found.tells,
        "precision": round(found.right / found.judged, 4) if found.tells else None,
        "interval": [round(low, 4), round(high, 4)] if found.tells else None,
    }


def answer_data(answer: Answer) -> Data:
    """An answer: every sentence with the keys of the posts it rests on."""
    return {
        "question": answer.question,
        "query": written(answer.query),
        "understood": answer.echo,
        "not_understood": list(answer.not_understood),
        "answer": [
            {
                "text": sentence.text,
                "cites": [cite.key for cite in sentence.cites],
                "opens": None if sentence.opens is None else written(sentence.opens),
            }
            for sentence in answer.sentences
        ],
        "themes": list(answer.themes),
        "coverage": coverage_data(answer.coverage),
        "writer": answer.writer,
        "note": answer.note,
        "aim": None if answer.asked is None else answer.asked.aim.value,
        "instead": answer.instead,
    }


def hit_data(hit: Hit) -> Data:
    """A post that a search found."""
    return {
        "key": hit.post.key,
        "url": hit.post.url,
        "title": hit.post.title,
        "snippet": hit.snippet,
        "score": round(hit.score, 5),
        "source": hit.post.source,
        "kind": hit.post.kind,
        "intent": hit.intent.value if hit.intent else None,
        "created_at": stamp(hit.post.created_at),
    }


def citation_data(cite: Citation) -> Data:
    """A quote with its receipt."""
    return {
        "key": cite.key,
        "quote": cite.quote,
        "venue": cite.venue,
        "author": cite.author,
        "created_at": stamp(cite.created_at),
        "url": cite.url,
        "language": cite.language,
    }


def coverage_data(coverage: Coverage) -> Data:
    """What was read and what was not, with the line that people see."""
    return {
        "complete": coverage.complete,
        "waiting": coverage.waiting,
        "sensitive": coverage.sensitive,
        "sources": [
            {
                "source": source.source,
                "posts": source.posts,
                "first_at": stamp(source.first_at),
                "last_at": stamp(source.last_at),
                "read_at": stamp(source.read_at),
                "error": source.error,
                "stale": stamp(source.stale),
                "gaps": [
                    {
                        "since": stamp(gap.period.since),
                        "until": stamp(gap.period.until),
                        "why": gap.why,
                    }
                    for gap in source.gaps
                ],
            }
            for source in coverage.sources
        ],
        "text": line(coverage),
    }


def _mute_data(mute: Decision | None) -> Data | None:
    if mute is None:
        return None
    return {"by": mute.by, "until": stamp(mute.until), "until_grows": mute.weekly is not None}


def _seen_data(seen: Decision | None) -> Data | None:
    return None if seen is None else {"by": seen.by, "at": stamp(seen.at)}


def _assigned_data(given: Decision | None) -> Data | None:
    if given is None:
        return None
    return {"to": given.to, "called": given.called, "by": given.by, "at": stamp(given.at)}


def _dissent_data(dissent: Dissent | None) -> Data | None:
    if dissent is None:
        return None
    return {
        "over": dissent.over,
        "claim": citation_data(dissent.claim) | {"role": dissent.claim_by.value},
        "against": citation_data(dissent.against) | {"role": dissent.against_by.value},
    }


def _crowd_data(crowd: Crowd) -> Data:
    return {"people": crowd.people, "unknown_authors": crowd.unknown, "posts": crowd.posts}
