"""How Reddit says things: a post or comment as its API has it, and as its feeds have it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from tests.world.base import Said


def name(number: int) -> str:
    return f"t{3 if number % 2 else 1}_a{number}"


def name_of(thread: str, comment: str | None) -> str:
    return f"t1_{comment}" if comment else f"t3_{thread}"


def _path(said: Said) -> str:
    if said.number % 2:
        return f"/r/tool/comments/a{said.number}/a_tool/"
    return f"/r/tool/comments/a{said.number - 1}/a_tool/a{said.number}/"


def listing(children: list[Any], after: str | None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "before": None, "children": children}}


def child(said: Said, **other: Any) -> dict[str, Any]:
    """A post or comment as the API lists it, with Markdown."""
    text = f"**Hello**\n\n{said.words} *really*"
    row = {
        "name": name(said.number),
        "id": f"a{said.number}",
        "author": said.author or "[deleted]",
        "subreddit": "tool",
        "subreddit_name_prefixed": "r/tool",
        "permalink": _path(said),
        "created_utc": float(int(said.at.timestamp())),
        "edited": False,
        "score": 1,
        "distinguished": None,
        "num_comments": 7,
    }
    if said.number % 2:
        row |= {
            "title": f"Tool {said.number}",
            "selftext": text,
            "is_self": True,
            "hide_score": False,
        }
        row |= {"link_flair_text": None, "url": f"https://www.reddit.com{_path(said)}"}
        return {"kind": "t3", "data": row | other}
    thread = name(said.number - 1)
    row |= {"body": text, "parent_id": thread, "link_id": thread, "score_hidden": False}
    return {"kind": "t1", "data": row | other}


def deleted(said: Said) -> dict[str, Any]:
    """What the API says of a post that its author has deleted."""
    if said.number % 2:
        return {"selftext": "[deleted]", "author": "[deleted]", "removed_by_category": "deleted"}
    return {"body": "[deleted]", "author": "[deleted]"}


def entry(said: Said, template: str = "") -> str:
    """A post or comment as a feed lists it, with HTML."""
    author, url = f"/u/{said.author}", f"https://www.reddit.com{_path(said)}"
    is_post = said.number % 2 == 1
    words = f'<div class="md"><p>{escape(said.words)} <em>really</em></p>\n</div>'
    words = f"<!-- SC_OFF -->{words}<!-- SC_ON -->"
    around = f' submitted by <a href="https://www.reddit.com/user/x"> {author} </a> <br/> '
    around += f'<span><a href="{url}">[link]</a></span> <span><a href="{url}">[comments]</a></span>'
    moment = datetime.fromtimestamp(said.at.timestamp(), UTC).isoformat()
    return (template or ENTRY).format(
        author=f"<author><name>{author}</name></author>" if said.author else "",
        content=escape(words + (around if is_post else "")),
        name=name(said.number),
        url=url,
        dates=f"<updated>{moment}</updated><published>{moment}</published>",
        title=f"Tool {said.number}" if is_post else f"{author} on Tool {said.number - 1}",
    )


def feed(entries: Iterable[str]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>newest submissions : tool</title>{''.join(entries)}</feed>"
    )


ENTRY = (
    '<entry>{author}<category term="tool" label="r/tool"/><content type="html">{content}</content>'
    '<id>{name}</id><link href="{url}"/>{dates}<title>{title}</title></entry>'
)
SPOILT_ENTRIES = (
    "<entry/>",
    ENTRY.replace("{name}", "t5_2qh23"),
    ENTRY.replace("{name}", "https://www.reddit.com/r/tool"),
    ENTRY.replace('label="r/tool"', "").replace("{name}", "t3_b1"),
    ENTRY.replace("{title}", "").replace("{content}", "").replace("{name}", "t3_b2"),
    ENTRY.replace("{url}", "javascript:x").replace("{name}", "t1_b3"),
)
"""What makes a sound entry no post."""

SPOILT: tuple[dict[str, Any], ...] = (
    {"name": None},
    {"name": "t5_tool"},
    {"name": "t3_b1", "created_utc": None},
    {"name": "t3_b2", "created_utc": 1e300},
    {"name": "t3_b3", "title": "", "selftext": ""},
    {"name": "t3_b4", "title": {}},
    {"name": "t3_b5", "subreddit": 5, "subreddit_name_prefixed": None},
    {"name": "t3_b6", "score": "many"},
    {"name": "t3_b7", "edited": "yesterday"},
    {"name": "t1_b8", "body": "words", "parent_id": "x", "link_id": "t3_a1"},
)
"""What makes a sound row no post."""
