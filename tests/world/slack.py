"""A Slack workspace in small: one help channel, its threads, and Slack's own manners.

History shows the newest first and no replies; a thread shows the oldest first; a deleted message
that has replies stays as a tombstone; and what is wrong is said with a 200.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.http import Http
from bot.limits import Pace
from bot.sources.slack.adapter import Slack
from tests.world.base import Said, WebWorld
from tests.world.site import Answer, Asked, json_answer

TOKEN = "xoxb-of-nobody"  # noqa: S105 of nobody's
CHANNEL, NAME = "C0HELP123", "help"
OURS = {"user_id": "U0GROUND", "bot_id": "B0GROUND"}
TIERS = {"conversations.list": 20, "users.info": 100, "auth.test": 100}
RESTRICTED = ("conversations.history", "conversations.replies")


class SlackWorld(WebWorld):
    """Each third message is a reply to the one before it, if that is still there.

    `page_most` is the most messages that Slack puts into an answer. Time on the wire is `ticks`,
    which passes only while the adapter waits; `violations` holds what broke a documented limit.
    """

    kind = "slack"
    secrets = (TOKEN,)

    def __init__(
        self,
        http: Http,
        page_most: int = 6,
        channels: tuple[str, ...] = (CHANNEL,),
        *,
        restricted: bool = False,
    ) -> None:
        super().__init__(http)
        self.page_most = page_most
        self.channels = channels
        self.restricted = restricted
        self.private = False
        self.limited = False
        self.ticks = 0.0
        self.calls: Counter[str] = Counter()
        """Requests by method."""
        self.looked_up: Counter[str] = Counter()
        """Look-ups of people by id."""
        self.refusals: dict[str, Mapping[str, Any]] = {}
        """What Slack says instead, by method."""
        self.extras: list[dict[str, Any]] = []
        """Messages besides those that are said: joins, bots, whatever."""
        self.spoilt: list[Any] = []
        self.roots: dict[int, int] = {}
        self.edits: dict[int, datetime] = {}
        self.deleted: dict[int, Said] = {}
        self.reactions: dict[int, list[dict[str, Any]]] = {}
        self._sent: defaultdict[str, list[float]] = defaultdict(list)
        self._users: dict[str, str] = {}
        self._user_numbers = count(1)
        self.violations: list[str] = []

    def source(self) -> Slack:
        self.ticks += 60.0  # another process, that knows nothing of what the last one sent
        return Slack(
            http=self.http,
            now=self.clock,
            bot_token=TOKEN,
            channels=self.channels,
            restricted=self.restricted,
            api_url=f"{self.site.url}/api",
            paced=lambda most, seconds: Pace(most, seconds, lambda: self.ticks, self._pass),
        )

    def _pass(self, seconds: float) -> None:
        self.ticks += seconds

    def external_id(self, said: Said) -> str:
        return f"{CHANNEL}/{ts(said.at)}"

    def say(self, words: str | None = None, author: str | None = "ann") -> Said:
        said = super().say(words, author)
        if said.number % 3 == 0 and said.number - 1 in self.living:
            self.roots[said.number] = said.number - 1
        return said

    def reply(self, to: Said, words: str | None = None) -> Said:
        """Somebody answers in the thread of a message."""
        said = super().say(words)
        self.roots[said.number] = to.number
        return said

    def edit(self, said: Said, words: str | None = None) -> Said:
        edited = super().edit(said, words)
        self.edits[said.number] = self.now
        return edited

    def delete(self, said: Said) -> None:
        super().delete(said)
        self.deleted[said.number] = said

    def spoil(self) -> int:
        said = self.say()
        spoilt = [
            self.message(said) | {"ts": ts(said.at, timedelta(microseconds=number))} | field
            for number, field in enumerate(SPOILT, 1)
        ]
        self.spoilt = ["words", None, {}, *spoilt]
        return len(self.spoilt)

    def user(self, author: str) -> str:
        """The id of a person, whom Slack knows from then on."""
        known = {name: user for user, name in self._users.items()}
        if author not in known:
            known[author] = f"U{next(self._user_numbers):07d}"
            self._users[known[author]] = author
        return known[author]

    def message(self, said: Said) -> dict[str, Any]:
        """What Slack gives of a message that stands."""
        by = {"user": self.user(said.author)} if said.author else BOT
        fields: dict[str, Any] = {"type": "message", "ts": ts(said.at), "text": mrkdwn(said.words)}
        if said.number in self.edits:
            fields["edited"] = {"user": "U1", "ts": ts(self.edits[said.number])}
        if said.number in self.reactions:
            fields["reactions"] = self.reactions[said.number]
        return fields | by | self._thread_of(said.number)

    def _thread_of(self, number: int) -> dict[str, Any]:
        if number in self.roots:
            return {"thread_ts": self._ts(self.roots[number])}
        replies = self._replies(number)
        if not replies:
            return {}
        latest = max(ts(said.at) for said in replies)
        return {
            "thread_ts": self._ts(number),
            "reply_count": len(replies),
            "latest_reply": latest,
        }

    def _ts(self, number: int) -> str:
        return ts((self.living.get(number) or self.deleted[number]).at)

    def _replies(self, number: int) -> list[Said]:
        return [said for said in self.living.values() if self.roots.get(said.number) == number]

    # The API

    def answer(self, asked: Asked) -> Answer:
        method = asked.path.removeprefix("/api/")
        self.calls[method] += 1
        self._count(method, asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_answer({"ok": False, "error": "invalid_auth"})
        if method in self.refusals:
            return json_answer({"ok": False, **self.refusals[method]})
        return json_answer(METHODS[method](self, asked.query))

    def _count(self, method: str, asked: Asked) -> None:
        """Note a violation if there was one request too many within a minute."""
        slow = self.restricted and method in RESTRICTED
        most = 1 if slow else TIERS.get(method, 50)
        sent = self._sent[method]
        sent.append(self.ticks)
        if sum(self.ticks - 60 < at for at in sent) > most:
            self.violations.append(f"{method} more than {most} times a minute")
        if slow and int(asked.query["limit"]) > 15:
            self.violations.append(f"{method} asked for {asked.query['limit']} messages")

    def auth_test(self, query: Mapping[str, str]) -> dict[str, Any]:
        return {"ok": True, "url": "https://acme.slack.com/", "team_id": "T1", **OURS}

    def conversations_list(self, query: Mapping[str, str]) -> dict[str, Any]:
        assert query["types"] == "public_channel"
        start = int(query.get("cursor", 0))
        listed = [{"id": "C0GENERAL", "name": "general"}, {"id": CHANNEL, "name": NAME}]
        cursor = str(start + 1) if start + 1 < len(listed) else ""
        page = listed[start : start + 1]
        return {"ok": True, "channels": page, "response_metadata": {"next_cursor": cursor}}

    def conversations_info(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query["channel"] != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        channel = {"id": CHANNEL, "name": NAME, "is_private": self.private, "is_member": True}
        return {"ok": True, "channel": channel}

    def users_info(self, query: Mapping[str, str]) -> dict[str, Any]:
        user = query["user"]
        self.looked_up[user] += 1
        if user not in self._users:
            return {"ok": False, "error": "user_not_found"}
        profile = {"display_name": self._users[user], "real_name": "Somebody Else"}
        about = {"id": user, "name": "handle", "is_bot": False, "profile": profile}
        return {"ok": True, "user": about}

    def conversations_history(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query["channel"] != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        said = [said for said in self.living.values() if said.number not in self.roots]
        listed = [*map(self.message, said), *self._tombstones(), *self.extras]
        listed = [m for m in listed if "thread_ts" not in m or m["thread_ts"] == m["ts"]]
        listed += [m for m in self.extras if m.get("subtype") == "thread_broadcast"]
        return self._page(sorted(listed, key=lambda m: m["ts"], reverse=True), query, self.spoilt)

    def conversations_replies(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The thread of an opener; a reply's alone; and no word about it if it is gone."""
        stamps = {ts(said.at): said for said in self.living.values()}
        asked = stamps.get(query["ts"])
        listed = [self.message(asked)] if asked else []
        for tombstone in self._tombstones():
            listed += [tombstone] if tombstone["ts"] == query["ts"] else []
        if not listed:
            return {"ok": False, "error": "thread_not_found"}
        root = next((n for n in (*self.living, *self.deleted) if self._ts(n) == query["ts"]), 0)
        replies = [] if root in self.roots else self._replies(root)
        listed += [self.message(said) for said in sorted(replies, key=lambda said: said.at)]
        kept = [m for m in listed[1:] if m["ts"] >= query.get("oldest", "")]
        return self._page([listed[0], *kept], {"limit": query["limit"]} | _cursor_of(query))

    def _tombstones(self) -> list[dict[str, Any]]:
        return [
            {"type": "message", "subtype": "tombstone", "text": "This message was deleted."}
            | {"ts": ts(said.at), "user": "USLACKBOT"}
            | self._thread_of(number)
            for number, said in self.deleted.items()
            if number not in self.roots and self._replies(number)
        ]

    def _page(
        self, listed: list[Any], query: Mapping[str, str], spoilt: list[Any] | None = None
    ) -> dict[str, Any]:
        """The messages between the bounds, from the cursor on, which names a message."""
        low, high = query.get("oldest", ""), query.get("latest", "9")
        inclusive = query.get("inclusive") == "true"
        within = [
            m for m in listed if low < m["ts"] < high or (inclusive and m["ts"] in (low, high))
        ]
        start = 0
        if "cursor" in query:
            name = b64decode(query["cursor"]).decode().removeprefix("next_ts:")
            # A message that is gone still names a place among the others.
            newest_first = len(within) < 2 or within[0]["ts"] > within[1]["ts"]
            passed = [m for m in within if (m["ts"] > name if newest_first else m["ts"] < name)]
            start = len(passed)
        size = min(int(query["limit"]), self.page_most)
        page, rest = within[start : start + size], within[start + size :]
        cursor = b64encode(f"next_ts:{rest[0]['ts']}".encode()).decode() if rest else ""
        if spoilt and not rest:
            page = [*page[:1], *spoilt, *page[1:]]
        answer = {"ok": True, "messages": page, "has_more": bool(rest)}
        answer |= {"is_limited": True} if self.limited else {}
        return answer | {"response_metadata": {"next_cursor": cursor}}


METHODS = {
    "auth.test": SlackWorld.auth_test,
    "conversations.list": SlackWorld.conversations_list,
    "conversations.info": SlackWorld.conversations_info,
    "conversations.history": SlackWorld.conversations_history,
    "conversations.replies": SlackWorld.conversations_replies,
    "users.info": SlackWorld.users_info,
}

BOT = {"subtype": "bot_message", "bot_id": "B0001"}


def ts(moment: datetime, later: timedelta = timedelta()) -> str:
    """Slack's timestamp of what is said at that moment."""
    return f"{(moment + later).timestamp():.6f}"


def mrkdwn(words: str) -> str:
    """The words as Slack has them, with mark-up around them."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"*Well:* {escaped} `so it is`, see <https://tool.example/?a=1&amp;b=2|the docs> :smile:"


def _cursor_of(query: Mapping[str, str]) -> dict[str, str]:
    return {"cursor": query["cursor"]} if "cursor" in query else {}


SPOILT: tuple[dict[str, Any], ...] = (
    {"ts": None},
    {"ts": 1_772_452_800},
    {"ts": "1772452800"},
    {"ts": "soon"},
    {"text": 5},
    {"text": " \u200e "},
    {"user": {}},
    {"subtype": []},
    {"bot_id": [1]},
    {"thread_ts": "yesterday"},
    {"reply_count": "many"},
    {"reply_count": 10**30},
    {"reactions": "many"},
    {"reactions": [3]},
    {"reactions": [{"count": "x"}]},
    {"edited": {"ts": 3}},
)
"""What makes a sound message no post."""
