"""The bot in Slack: what Slack tells is taken to the desk, and what the desk says is posted.

Slack wants an answer within three seconds and delivers again what it got none for; so each thing is
acknowledged where it comes in, and done by the app's workers then: what waits for a worker is
acknowledged all the same. What comes again is known by its id, in the database, because a
repeat after a restart is the only delivery there is. https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltResponse, Respond
from slack_sdk import WebClient

from bot.deliveries import Message
from bot.errors import GroundswellError
from bot.rights import Right
from bot.slack import blocks
from bot.slack.cards import ISSUE, LINK, MENU, SHOW
from bot.slack.heard import plain
from handlers import administering, agent, events, home, in_view, modals, reacting
from handlers.alerting import ANSWERS, press_of
from handlers.answering import Answering
from handlers.asking import reply
from handlers.busy import Door
from handlers.capturing import ATTACH, SHORTCUT, Filed, attach, capture
from handlers.commands import SLASH
from handlers.commands import respond as commanded
from handlers.correcting import correct, talk_of, thread_of
from handlers.deciding import UNDO, decide, posts, why
from handlers.desk import Asker, Desk, answered
from handlers.replies import messages as drawn
from handlers.subscribing import follow
from handlers.triage import PRESSED
from handlers.views import place_of

Body = dict[str, Any]

REPLIES = 4
"""Messages that Slack takes as an answer to one command, kept below its five."""

HIDDEN = {"privategroup", "directmessage"}
"""What Slack calls conversations that not everybody can read."""

_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
"""The first of them is the bot's own; others name people."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Handlers:
    """Every callback, as a plain function of what Slack gives."""

    desk: Desk

    def slash(self, respond: Respond, body: Body) -> None:
        """`/groundswell ...`: seen by whoever wrote it alone."""
        asker = Asker(body["user_id"], body["channel_id"], body["channel_id"][:1] == "D")
        _say(respond, reply(self.desk, asker, plain(body.get("text") or "help")))

    def event(self, body: Body, client: WebClient) -> None:
        """Deal with an event that is in the inbox, unless it waited so long that it was overdue."""
        pipeline = self.desk.pipeline
        if pipeline.store.inbox.begin(str(body["event_id"]), pipeline.clock()):
            self._deal_with(body, client, again=False)

    def overdue(self, client: WebClient) -> None:
        """Deal with what was begun and not finished: we died, or Slack could not be had."""
        pipeline = self.desk.pipeline
        while body := pipeline.store.inbox.overdue(pipeline.clock()):
            try:
                self._deal_with(body, client, again=True)
            except GroundswellError as error:
                _log.warning("an event failed again", error=str(error))

    def _deal_with(self, body: Body, client: WebClient, *, again: bool) -> None:
        deal = {
            "app_mention": self._mention,
            "message": self._message,
            "app_home_opened": self._home,
            "reaction_added": self._reacted,
            "reaction_removed": self._unreacted,
        }
        team = str(body.get("team_id") or "")
        answering = Answering(client, str(body["event_id"]), again, team)
        deal[body["event"]["type"]](body["event"], answering)
        self.desk.pipeline.store.inbox.finish(answering.event)

    def _mention(self, event: Body, answering: Answering) -> None:
        """A mention is answered in its thread."""
        words = _MENTION.sub(" ", event.get("text") or "", count=1).strip() or "help"
        asker = Asker(event["user"], event["channel"])
        answering.post(event, reply(self.desk, asker, plain(words), _place(event)))

    def _message(self, event: Body, answering: Answering) -> None:
        """A direct message is answered; any other is read, where its channel is."""
        if event.get("channel_type") != "im":
            events.take(self.desk.pipeline, event)
        elif not event.get("subtype") and not event.get("bot_id") and event.get("text"):
            asker = Asker(event["user"], event["channel"], direct=True)
            agent.status(answering.client, event)
            answering.post(event, reply(self.desk, asker, plain(event["text"]), _place(event)))
            agent.name(answering.client, event)

    def _home(self, event: Body, answering: Answering) -> None:
        """The App Home, as it is now; or the agent's pane, with what to ask today."""
        if event.get("tab", "home") != "home":
            agent.opened(self.desk, answering.client, event)
            return
        channel = str(event.get("channel") or "")
        home.publish(self.desk, answering.client, event["user"], channel)

    def _reacted(self, event: Body, answering: Answering) -> None:
        """A message is filed by a reaction, and that is told in its thread."""

        def post(channel: str, thread: str, said: Sequence[Message]) -> str | None:
            at = {"channel": channel, "thread_ts": thread, "ts": event["event_ts"]}
            return next(iter(answering.post(at, said)), None)

        if reacting.files(self.desk, event):
            reacting.file(self.desk, answering.client, event, post)
        events.take(self.desk.pipeline, event)

    def _unreacted(self, event: Body, answering: Answering) -> None:
        """A reaction that filed a message is taken away."""
        if reacting.files(self.desk, event):
            reacting.take_back(self.desk, answering.client, event)
        events.take(self.desk.pipeline, event)

    def show(self, respond: Respond, body: Body) -> None:
        """The posts of a theme."""
        _say(respond, self._shown(body, lambda: posts(self.desk, _value(body))))

    def open(self, respond: Respond, body: Body) -> None:
        """The posts that a sentence counts."""
        asked = f"{SLASH} search {_value(body)}"
        _say(respond, self._shown(body, lambda: drawn(commanded(self.desk.pipeline, asked))))

    def capture(self, respond: Respond, body: Body) -> None:
        """A message is filed as a signal."""
        _say(respond, answered(lambda: capture(self.desk, _asker(body), _filed(body))))

    def attach(self, respond: Respond, body: Body) -> None:
        """What was filed is about the theme that was proposed."""
        _say(respond, answered(lambda: attach(self.desk, _asker(body), _value(body))))

    def follow(self, respond: Respond, body: Body) -> None:
        """A question is asked again and again from now on."""
        _say(respond, answered(lambda: follow(self.desk, _asker(body), _value(body))))

    def correct(self, respond: Respond, body: Body) -> None:
        """A question was meant otherwise, as it was chosen."""
        asker, place = _asker(body), talk_of(body)
        said = answered(lambda: correct(self.desk, asker, _chosen(body), place))
        _say(respond, said, thread_of(body))

    def menu(self, respond: Respond, body: Body) -> None:
        """What was chosen of a theme's menu, as in `mute T12`."""
        what, _, theme = _chosen(body).partition(" ")
        _say(respond, answered(lambda: self._chosen(_asker(body), what, theme)))

    def triaged(self, respond: Respond, body: Body) -> None:
        """A button of a card of the queue."""
        (action,) = body["actions"]
        deed, words = PRESSED[action["action_id"]]
        text = f"{_value(body)} {words}".strip()
        _say(respond, answered(lambda: decide(self.desk, _asker(body), deed, text)))

    def linked(self, respond: Respond, body: Body) -> None:
        """The issue that likely tracks a theme does, as somebody says."""
        _say(respond, answered(lambda: decide(self.desk, _asker(body), "link", _value(body))))

    def judged(self, respond: Respond, body: Body) -> None:
        """How somebody found an answer."""
        _say(respond, answered(lambda: agent.judged(self.desk, _asker(body), _value(body))))

    def alerted(self, respond: Respond, body: Body) -> None:
        """What somebody says to an alert."""
        say = ANSWERS[body["actions"][0]["action_id"]]
        _say(respond, answered(lambda: say(self.desk, _asker(body), press_of(body))))

    def undo(self, respond: Respond, body: Body) -> None:
        """A decision is taken back."""
        _say(respond, answered(lambda: decide(self.desk, _asker(body), UNDO, _value(body))))

    def _shown(self, body: Body, work: Callable[[], Sequence[Message]]) -> Sequence[Message]:
        """What is shown to whoever may ask."""

        def allowed() -> Sequence[Message]:
            self.desk.demand(_asker(body), Right.ASK)
            return work()

        return answered(allowed)

    def _chosen(self, asker: Asker, what: str, theme: str) -> Sequence[Message]:
        if what == "why":
            self.desk.demand(asker, Right.ASK)
            return why(self.desk, theme)
        if what == "follow":
            return reply(
                self.desk, asker, f"subscribe weekly mon 09:00 style:changes theme:{theme}"
            )
        return decide(self.desk, asker, what, theme)


def kept(desk: Desk) -> Callable[..., BoltResponse | None]:
    """A middleware that keeps each event before it is acknowledged, and lets it pass once."""

    def middleware(body: Body, next: Callable[[], BoltResponse]) -> BoltResponse | None:  # noqa: A002 Bolt's name
        try:
            new = _is_new(desk, body)
        except GroundswellError as error:
            # Not acknowledged: Slack delivers it again.
            _log.warning("an event could not be kept", error=str(error))
            return BoltResponse(status=503)
        return next() if new else BoltResponse(status=200)

    return middleware


def _is_new(desk: Desk, body: Body) -> bool:
    """Whether there is something to do; an event is kept by then. Raises GroundswellError."""
    event, pipeline = body.get("event_id"), desk.pipeline
    if not event:
        return True
    means = reacting.concerns(desk, body.get("event") or {})
    return means and pipeline.store.inbox.take(str(event), body, pipeline.clock())


def register(app: App, desk: Desk, door: Door | None = None) -> Handlers:
    """Tell Bolt which callback is for what; without a door nobody is told that it takes a while."""
    its = Handlers(desk)
    later = partial(_later, door=door)
    app.middleware(kept(desk))
    app.middleware(in_view.answering(partial(home.publish, desk)))
    modals.register(app, desk, later)
    home.register(app, desk, later)
    administering.register(app, desk, later)
    app.command(SLASH)(**later(its.slash))
    for kind in ("app_mention", "message", "app_home_opened", *reacting.EVENTS):
        app.event(kind)(**later(its.event))
    app.action(SHOW)(**later(its.show))
    app.action(blocks.OPEN)(**later(its.open))
    app.action(blocks.FOLLOW)(**later(its.follow))
    app.action(blocks.CORRECT)(**later(its.correct))
    app.shortcut(SHORTCUT)(**later(its.capture))
    app.action(ATTACH)(**later(its.attach))
    app.action(MENU)(**later(its.menu))
    app.action(LINK)(**later(its.linked))
    app.action(UNDO)(**later(its.undo))
    for pressed in PRESSED:
        app.action(pressed)(**later(its.triaged))
    app.action(blocks.JUDGE)(**later(its.judged))
    for answer in ANSWERS:
        app.action(answer)(**later(its.alerted))
    app.action(ISSUE)(acknowledged)
    app.error(failed)
    return its


def _later(work: Callable[..., None], door: Door | None = None) -> dict[str, Any]:
    """What Bolt has to know to acknowledge at once and to let a worker do the rest."""

    @wraps(work)
    def told(**given: Any) -> None:  # noqa: ANN401 whatever Bolt injects
        try:
            if door is None or not door.late(given.get("body") or {}):
                work(**given)
        except Exception as error:  # noqa: BLE001 Bolt would log its words, which may be a stranger's
            failed(error)

    return {"ack": door or acknowledged, "lazy": [told]}


def acknowledged(ack: Ack) -> None:
    """All that Slack waits for; a button that opens an address has done its work already."""
    ack()


def failed(error: Exception) -> BoltResponse:
    """Told in the log; an event stays in the inbox and is taken up again."""
    _log.error("a callback failed", error=type(error).__name__, exc_info=error)
    return BoltResponse(status=200)


def _say(respond: Respond, said: Sequence[Message], thread: str = "") -> None:
    for message in said[:REPLIES]:
        respond(
            text=message.text,
            blocks=list(message.blocks),
            response_type="ephemeral",
            replace_original=False,
            unfurl_links=False,
            thread_ts=thread or None,
        )


def _place(event: Body) -> str:
    """The thread that an answer goes into: there the next question goes on from this one."""
    return f"{event['channel']}/{event.get('thread_ts') or event['ts']}"


def _asker(body: Body) -> Asker:
    """Who pressed something, and where: in Home that is where they speak with the bot alone."""
    user = body["user"]["id"]
    channel = place_of(body).channel or user
    return Asker(user, channel, channel[:1] not in {"C", "G"})


def _filed(body: Body) -> Filed:
    """The message that a shortcut was used on."""
    message, channel = body.get("message") or {}, body.get("channel") or {}
    name = str(channel.get("name") or "")
    shown = channel.get("id", "")[:1] == "C" and name not in HIDDEN
    domain = (body.get("team") or {}).get("domain")
    ts = str(message.get("ts") or "0")
    link = f"https://{domain}.slack.com/archives/{channel.get('id')}/p{ts.replace('.', '')}"
    return Filed(
        str(message.get("text") or ""),
        message.get("user"),
        ts,
        link if domain and re.fullmatch(r"[a-z0-9-]+", str(domain)) else None,
        shown,
        name if shown else "",
        f"slack:{channel.get('id')}/{ts}",
    )


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value") or "").strip()


def _chosen(body: Body) -> str:
    return str(body["actions"][0]["selected_option"]["value"])
