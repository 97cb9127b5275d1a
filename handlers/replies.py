"""What was asked for, as messages for Slack."""

from __future__ import annotations

from collections.abc import Sequence

from bot.deliveries import Message
from bot.model import Answer, Coverage, Digest
from bot.slack import blocks, kit
from bot.slack.packing import Item, pack
from handlers.commands import COMMANDS, SLASH, Help, HitList, Reply, ThemeList, Told, UntrackedList


def messages(reply: Reply) -> Sequence[Message]:
    """Any reply in blocks."""
    if isinstance(reply, ThemeList | UntrackedList):
        command = "untracked" if isinstance(reply, UntrackedList) else "themes"
        return blocks.themes_messages(reply.themes, reply.query, command)
    if isinstance(reply, HitList):
        return blocks.hits_messages(reply.hits, reply.query)
    return _alone(reply)


def _alone(reply: Digest | Answer | Coverage | Help | Told) -> Sequence[Message]:
    match reply:
        case Digest():
            return blocks.digest_messages(reply)
        case Answer():
            return blocks.answer_messages(reply)
        case Coverage():
            return blocks.coverage_messages(reply)
        case Told():
            return blocks.plain_messages(reply.text)
        case Help():
            return help_messages(reply)


def help_messages(reply: Help) -> Sequence[Message]:
    """What can be asked, by example."""
    sorry = [Item((kit.section(f"Sorry: {reply.problem}."),))] if reply.problem else []
    first = "Ask me in plain words, in a direct message or by a mention: "
    lines = [
        [kit.words(f"{SLASH} {usage}", code=True), kit.words(f"  {does}")]
        for usage, does in (*((c.usage, c.does) for c in COMMANDS.values()), *IN_SLACK)
    ]
    items = [
        Item((kit.rich(kit.words(first), kit.words("what hurts most this week?", italic=True)),)),
        *(Item((kit.rich(*line),)) for line in lines),
    ]
    return pack(reply.problem or "What you can ask", [*sorry, *items])


IN_SLACK = (
    ("subscribe daily 09:00 kind:complaint", "a digest here every day; or a question"),
    ("alerts on:bursts,back,urgent", "at once: bursts, what came back, first crashes"),
    ('watch "torch.compile"', "each new post that says so, as soon as it is read"),
    ("subscriptions", "what this channel is told"),
    ("unsubscribe 3", "no more of it"),
    ("triage", "what waits for whoever is on duty; triage mine, triage rota"),
    ("mute T12", "leave a theme out of digests; also rename, merge, undo"),
    ("acknowledge T12", "I have seen it; also assign T12 @somebody, link T12 #123"),
)
"""Commands that need a channel or a person."""
