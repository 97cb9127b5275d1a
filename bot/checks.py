"""`groundswell check`: what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot import app
from bot.added_sources import Added, added, merged
from bot.errors import GroundswellError, SettingsError, SourceError
from bot.installed import database_of, missing, own_settings
from bot.settings import CONFIG, PLACEHOLDER, OAuthSettings, Settings
from bot.slack.installations import Installations
from bot.slack.manifest import INSTALL
from bot.sources import SOURCES
from bot.sources.base import Source
from bot.speak.words import counted
from bot.store import open_store
from bot.understand.embed import MiniLM

_DATABASE_FIX = (
    "name another with database = in groundswell.toml, with GROUNDSWELL_DATABASE or with --database"
)

_EMBEDDER_FIX = "make clean && make demo sets the environment up anew"

TOKENS_FIX = (
    "both are asked for by groundswell init, or put into .env by hand: docs/slack.md says where "
    "they are"
)

SLACK_S = 10
"""Seconds that Slack has for an answer."""

SECRET_LEAST = 16
"""Characters of a webhook's secret: a shorter one can be found out by trying."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `fix` is empty where nothing needs mending.

    Beside what is ok it is what could be set up still.
    """

    check: str
    ok: bool
    detail: str
    fix: str = ""


def check_all(settings: Settings, database: str | None, clock: app.Clock) -> list[Check]:
    """Look at everything, in the order in which a newcomer would mend it."""
    oauth = settings.file.slack.oauth
    if oauth:
        embedder = _tried("embedder", _embedder, _EMBEDDER_FIX)
        return [_python(), _configuration(settings), embedder, *_several(settings, oauth, clock)]
    wanted = _added(database or settings.database)
    return [
        _python(),
        _configuration(settings),
        _tried("database", lambda: _database(database or settings.database), _DATABASE_FIX),
        _tried("embedder", _embedder, _EMBEDDER_FIX),
        _contact(settings, wanted),
        _slack(settings),
        *_in_slack(settings, database or settings.database),
        _webhooks(settings, wanted),
        *_no_source(settings, wanted, database or settings.database),
        *_sources(settings, clock, wanted),
    ]


def checks_data(found: Sequence[Check]) -> list[dict[str, Any]]:
    """The machine's form."""
    return [asdict(one) for one in found]


def checks_drawing(found: Sequence[Check]) -> RenderableType:
    """A line a check, and how to mend what is wrong; what is long goes on below itself."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=len("WRONG"))
    table.add_column(overflow="fold")
    for one in found:
        table.add_row(_mark(one), Text(f"{one.check}: {one.detail}"))
        if one.fix:
            table.add_row("", Padding(Text(one.fix), (0, 0, 0, 1)))
    return table


def _mark(one: Check) -> Text:
    if one.ok and one.fix:
        return Text("note", style="yellow")
    return Text("ok", style="green") if one.ok else Text("WRONG", style="bold red")


def _tried(name: str, look: Callable[[], str], fix: str) -> Check:
    try:
        return Check(name, ok=True, detail=look())
    except GroundswellError as error:
        return Check(name, ok=False, detail=str(error), fix=fix)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", ok=True, detail=version)


def _configuration(settings: Settings) -> Check:
    if settings.path is None:
        detail = "no groundswell.toml, so defaults; groundswell.toml.example shows all keys"
        return Check("configuration", ok=True, detail=detail)
    return Check("configuration", ok=True, detail=f"{settings.path} is sound")


def _database(url: str) -> str:
    with closing(open_store(url)) as store:
        return f"{store.url} opens, schema {store.schema}"


def _embedder() -> str:
    embedder = MiniLM()
    embedder.encode(["Does it work?"])
    return f"{embedder.name}, {embedder.dims} dimensions"


def _contact(settings: Settings, wanted: Sequence[Added]) -> Check:
    if settings.file.http.contact == PLACEHOLDER:
        return Check(
            "contact",
            ok=False,
            detail=f"{PLACEHOLDER} is the example's placeholder",
            fix="set contact under [http] in groundswell.toml to your own mail or address",
        )
    if settings.file.http.contact or not (_configured(settings) or wanted):
        return Check("contact", ok=True, detail=settings.file.http.contact or "no source needs it")
    return Check(
        "contact",
        ok=False,
        detail="requests go out without saying whom to write to",
        fix='set contact = "your mail or address" under [http] in groundswell.toml',
    )


def _configured(settings: Settings) -> bool:
    return any(settings.file.sources.of(kind) for kind in SOURCES)


def _slack(settings: Settings) -> Check:
    """Tokens are looked at by form and number alone; none of them is ever printed."""
    name, secrets = "slack tokens", settings.secrets
    if wrong := secrets.misshapen():
        fix = "copy the token anew from the app's page into .env"
        return Check(name, ok=False, detail="; ".join(wrong), fix=fix)
    if not secrets.slack_bot_token and not secrets.slack_app_token:
        detail = "no SLACK_BOT_TOKEN and no SLACK_APP_TOKEN, so answers in the terminal alone"
        return Check(name, ok=True, detail=detail, fix=f"to be in Slack: {TOKENS_FIX}")
    if not secrets.slack_bot_token:
        return Check(name, ok=False, detail="SLACK_BOT_TOKEN is missing", fix=TOKENS_FIX)
    if secrets.slack_app_token:
        return Check(name, ok=True, detail="SLACK_BOT_TOKEN and SLACK_APP_TOKEN have their form")
    if secrets.slack_signing_secret:
        detail = "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are set: over HTTP, by groundswell serve"
        return Check(name, ok=True, detail=detail)
    return Check(name, ok=False, detail="SLACK_APP_TOKEN is missing", fix=TOKENS_FIX)


def _several(settings: Settings, oauth: OAuthSettings, clock: app.Clock) -> Iterator[Check]:
    """The app that several workspaces install, and then each of them."""
    faults = missing(settings.secrets)
    detail = "; ".join(faults) or f"is installed from {oauth.url}{INSTALL}"
    yield Check("slack oauth", ok=not faults, detail=detail, fix="docs/slack.md" if faults else "")
    teams = sorted({*oauth.teams, *Installations(oauth.folder).teams()})
    if not teams:
        detail = "[slack.oauth] teams names no workspace, so nobody can install it"
        fix = 'name their ids, as in teams = ["T012AB3CD"]'
        yield Check("slack teams", ok=False, detail=detail, fix=fix)
    for team in teams:
        for one in _workspace(settings, oauth, team, clock):
            yield replace(one, check=f"{team} {one.check}")


def _workspace(
    settings: Settings, oauth: OAuthSettings, team: str, clock: app.Clock
) -> Iterator[Check]:
    """One of them: whether it is installed, and what it has of its own."""
    home, again = Installations(oauth.folder).home(team), f"open {oauth.url}{INSTALL}"
    if team not in oauth.teams:
        fix = "add it to teams under [slack.oauth], or delete its installation.json"
        yield Check("installed", ok=False, detail=f"in {home}, and not served", fix=fix)
        return
    try:
        one = Installations(oauth.folder).of(team)
        own = own_settings(settings, home, one) if one else None
    except SettingsError as error:
        yield Check("configuration", ok=False, detail=str(error), fix="then start it anew")
        return
    if own is None:
        yield Check("installed", ok=True, detail="not yet", fix=again)
        return
    wanted, database = _added(database_of(home)), database_of(home)
    yield _contact(own, wanted)
    yield from _in_slack(own, database, again)
    for unread in _no_source(own, wanted, database):
        yield replace(unread, fix=f"name what to read in {home / CONFIG}, and start it anew")
    yield from _sources(own, clock, wanted)


def _in_slack(settings: Settings, database: str, again: str = "") -> Iterator[Check]:
    """What Slack itself says, once both tokens are there.

    `again` is how a workspace gets another token by OAuth, which has no app's token.
    """
    bot, app_ = settings.secrets.slack_bot_token, settings.secrets.slack_app_token
    if not bot or not (app_ or again):
        return
    from slack_sdk import WebClient  # noqa: PLC0415 slow to import, needed with tokens alone

    from bot.slack.checking import looks  # noqa: PLC0415 see above

    with suppress(GroundswellError), closing(open_store(database)) as store:
        channels = sorted({its.channel for its in store.subscriptions.all()})
        client = WebClient(
            token=bot.get_secret_value(),
            base_url=settings.file.slack.api_url,
            timeout=SLACK_S,
            retry_handlers=[],
        )
        app_token = app_.get_secret_value() if app_ else ""
        for look in looks(client, app_token, channels, app.wall_clock()):
            lost = again and look.what == "bot token" and not look.ok
            yield Check(f"slack {look.what}", look.ok, look.detail, again if lost else look.fix)


def _webhooks(settings: Settings, wanted: Sequence[Added]) -> Check:
    """The secret is looked at by its length alone, and never printed."""
    kept = settings.secrets.github_webhook_secret
    secret = kept.get_secret_value().strip() if kept else ""
    if not secret:
        return Check("webhooks", ok=True, detail="no secret set; nothing delivered is taken")
    if len(secret) < SECRET_LEAST:
        fix = "set a new one in .env and on the webhook's page: openssl rand -hex 32"
        return Check(
            "webhooks", ok=False, detail="GITHUB_WEBHOOK_SECRET is short enough to guess", fix=fix
        )
    if not merged(settings.file.sources, wanted)[0].github:
        fix = "name repos or orgs under [sources.github] in groundswell.toml"
        return Check("webhooks", ok=False, detail="GitHub is not read here", fix=fix)
    return Check("webhooks", ok=True, detail="the secret is set")


def _added(database: str) -> list[Added]:
    """What is read beside what the file names; nothing if the database does not open."""
    with suppress(GroundswellError), closing(open_store(database)) as store:
        return [one for _, one in added(store.configuration.standing())]
    return []


def _no_source(settings: Settings, wanted: Sequence[Added], database: str) -> Iterator[Check]:
    """That nothing is read, which is wrong unless posts were imported."""
    if _configured(settings) or wanted:
        return
    imported = 0
    with suppress(GroundswellError), closing(open_store(database)) as store:
        imported = store.posts.count(app.wall_clock())
    detail = f"none configured; {counted(imported, 'post')} imported"
    fix = "groundswell init --repo owner/name, or add one to groundswell.toml"
    yield Check(
        "sources", ok=imported > 0, detail=detail if imported else "none configured", fix=fix
    )


def _sources(settings: Settings, clock: app.Clock, wanted: Sequence[Added]) -> Iterator[Check]:
    """Whether each source answers: its first batch is fetched and thrown away."""
    asked, unfit = merged(settings.file.sources, wanted)
    for name, why in unfit.items():
        fix = "remove it in the bot's Home in Slack"
        yield Check(f"{name}, added in Slack", ok=False, detail=why, fix=fix)
    ours = {one.source for one in wanted if one.on and one.kept_as not in unfit}
    with closing(app.way_out(settings)) as http:
        for source in app.sources(settings, clock, http, asked=asked):
            also = " (some of it added in Slack)" if source.name in ours else ""
            looked = _source(source)
            yield replace(looked, check=looked.check + also)


def _source(source: Source) -> Check:
    name = f"source {source.name}"
    # What a source wants known of how it reads: which way in, what it costs.
    note = f"; {source.note}" if hasattr(source, "note") else ""
    try:
        batch = next(iter(source.fetch(None, None)), None)
    except SourceError as error:
        fix = "mend or remove it in groundswell.toml" if error.permanent else "try again later"
        return Check(name, ok=False, detail=f"{error}{note}", fix=fix)
    if batch is None:
        return Check(name, ok=True, detail=f"answers, with nothing in it{note}")
    return Check(name, ok=True, detail=f"answers ({counted(len(batch.posts), 'post')}){note}")
