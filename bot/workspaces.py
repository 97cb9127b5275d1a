"""Several workspaces in one process, each with a folder, a database and a pipeline of its own."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from wsgiref.types import WSGIApplication

import structlog

from bot import app, workspace
from bot.errors import GroundswellError, SettingsError, SlackError
from bot.installed import (
    NEEDED,
    database_of,
    missing,
    own_settings,
    prepare,
    secret,
    unheeded,
)
from bot.schedule import Reading
from bot.settings import Settings
from bot.slack.installations import Installation, Installations
from bot.slack.manifest import EVENTS, INSTALL, REDIRECT
from bot.slack.oauth import OAuth
from bot.understand.embed import Embedder
from handlers.installing import Begun, Installing
from handlers.slack_http import SlackHttp
from handlers.teams import Teams

READ_AT_ONCE = 2
"""Workspaces whose sources are read at the same time: each takes a core and a model's memory."""
TRIED_EVERY_S = 60.0
"""How often it is tried to serve a workspace while Slack is out of reach."""

Open = Callable[[Installation], AbstractContextManager[SlackHttp]]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What all workspaces of a process have in common; none of it is a post or a decision."""

    settings: Settings
    installations: Installations
    signing_secret: str = field(repr=False)
    install_url: str
    clock: app.Clock
    embedder: Embedder
    turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(READ_AT_ONCE))

    @contextmanager
    def open(self, one: Installation) -> Iterator[SlackHttp]:
        """A workspace at work, while it is entered.

        Raises:
            GroundswellError: its configuration or its database is not sound, or Slack does not
                take its token.
        """
        home = self.installations.prepare(one.team)
        prepare(home, one)
        own = own_settings(self.settings, home, one)
        database, asked = database_of(home), own.file.slack
        access = workspace.Access(
            one.token.get_secret_value(),
            asked.api_url,
            signing_secret=self.signing_secret,
            capture=asked.capture,
            alerts_an_hour=asked.alerts_an_hour,
            mend=f"Install the app again: {self.install_url}",
        )
        reading = self._reading(own, database, access.bot_token)
        with (
            app.build(own, database, self.clock, embedder=self.embedder) as pipeline,
            workspace.over_http(
                app.in_slack(pipeline, own), asked.rights.rights(), access, reading
            ) as slack,
        ):
            yield slack

    def _reading(self, own: Settings, database: str, token: str) -> Reading:
        """Reading as this workspace has it: its file, its database and its token."""
        return Reading(
            timedelta(minutes=own.file.slack.collect_minutes),
            [
                *(sys.executable, "-m", "bot", "--leash"),
                *("--database", database, "--config", str(own.path)),
            ],
            {"SLACK_BOT_TOKEN": token},
            self.turns,
        )


def _not_served(team: str, error: GroundswellError) -> None:
    _log.error("a workspace is not served", team=team, error=str(error))


def _broke(team: str, error: Exception) -> None:
    """A fault of ours, told without its message, which may quote a token."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("a workspace broke", team=team, kind=type(error).__name__, where=where)


@dataclass(slots=True)
class _Running:
    installation: Installation
    slack: SlackHttp
    until: ExitStack
    """Entered; closed, it ends the workspace's work."""


class Workspaces:
    """Those that are served now. They begin and end one at a time; requests do not wait for it."""

    def __init__(
        self, installations: Installations, teams: Collection[str], open_: Open, oauth: OAuth
    ) -> None:
        """`teams` are those that may be served, `open_` is how that is done."""
        self._installations, self._teams = installations, frozenset(teams)
        self._open, self._oauth = open_, oauth
        self._running: dict[str, _Running] = {}
        self._waiting: set[str] = set()
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._ending: list[threading.Thread] = []

    def of(self, team: str) -> SlackHttp | None:
        """What takes the requests of a workspace; None where it is not served now."""
        its = self._running.get(team)
        return its.slack if its else None

    def expects(self, team: str) -> bool:
        """Whether a workspace is installed and may be served."""
        return team in self._teams and self._installations.has(team)

    def install(self, one: Installation) -> None:
        """Keep an installation, and serve the workspace from now on.

        Raises:
            GroundswellError: it cannot be kept, or not be served; what is kept stays.
        """
        with self._changing:
            self._installations.save(one)
            _log.warning("installed", team=one.team, by=one.installed_by)
            if self._stop.is_set():
                raise GroundswellError("this process ends just now; the next one serves it")
            its = self._running.get(one.team)
            if its and its.installation.token == one.token:
                return
            self._end(one.team)
            self._begin(one)

    def look_again(self, team: str) -> None:
        """End a workspace and delete its token, if Slack takes that no more; its data stay.

        Raises:
            GroundswellError: that could not be found out.
        """
        one = self._installations.of(team)
        if one is None or not self._oauth.is_over(one.token.get_secret_value()):
            return
        # What is under way has time to end; Slack has none to wait for that.
        ending = threading.Thread(target=self._uninstall, args=(one,), name=f"ending {team}")
        self._ending = [*(thread for thread in self._ending if thread.is_alive()), ending]
        ending.start()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve all that are installed and may be, while it is entered."""
        for team in self._installations.teams():
            if team in self._teams:
                self._waiting.add(team)
            else:
                _log.warning("installed, but not in [slack.oauth] teams: not served", team=team)
        trying = threading.Thread(target=self._keep_trying, name="workspaces")
        try:
            self._try()
            trying.start()
            yield
        finally:
            self._stop.set()
            for thread in filter(threading.Thread.is_alive, (trying, *self._ending)):
                thread.join()
            with self._changing:
                for team in list(self._running):
                    self._end(team)

    def _keep_trying(self) -> None:
        while not self._stop.wait(TRIED_EVERY_S):
            self._try()

    def _try(self) -> None:
        """Begin those that wait. One that cannot be served does not keep the others from it."""
        for team in sorted(self._waiting):
            with self._changing:
                if self._stop.is_set():
                    return
                self._waiting.discard(team)
                try:
                    if team not in self._running and (one := self._installations.of(team)):
                        self._begin(one)
                except GroundswellError as error:
                    _not_served(team, error)
                except Exception as error:  # noqa: BLE001 the border: a bug that one meets is not the others'
                    _broke(team, error)

    def _begin(self, one: Installation) -> None:
        """Serve a workspace; while Slack is out of reach it waits. Raises GroundswellError."""
        until = ExitStack()
        try:
            slack = until.enter_context(self._open(one))
        except SlackError as error:
            if not error.permanent:
                self._waiting.add(one.team)
            raise
        self._running[one.team] = _Running(one, slack, until)
        _log.info("a workspace is served", team=one.team)

    def _end(self, team: str) -> None:
        """Serve it no more. What goes wrong then keeps nobody from what comes after it."""
        its = self._running.pop(team, None)
        if its:
            try:
                its.until.close()
            except GroundswellError as error:
                _log.error("a workspace did not end well", team=team, error=str(error))
            except Exception as error:  # noqa: BLE001 the border: the others are to end as well
                _broke(team, error)
            _log.info("a workspace is served no more", team=team)

    def _uninstall(self, one: Installation) -> None:
        """End it and delete its token, unless it was installed again meanwhile with another."""
        where = str(self._installations.home(one.team))
        with self._changing:
            try:
                now = self._installations.of(one.team)
                if now is None or now.token != one.token:
                    return
                self._waiting.discard(one.team)
                self._end(one.team)
                self._installations.forget(one.team)
                _log.warning("uninstalled; all but the token stays", team=one.team, where=where)
            except GroundswellError as error:
                _not_served(one.team, error)


@contextmanager
def several(shared: Settings, clock: app.Clock) -> Iterator[dict[str, WSGIApplication]]:
    """What is answered at which path for all workspaces, while it is entered.

    Raises:
        SettingsError: a secret is missing, or there is one that only a single workspace has.
    """
    asked = shared.file.slack.oauth
    if asked is None or (faults := missing(shared.secrets)):
        raise SettingsError("\n".join(faults) if asked else "[slack.oauth] is not set")
    if not asked.teams:
        _log.warning("[slack.oauth] teams names no workspace: nobody can install it")
    if keys := unheeded(shared.file):
        _log.warning("holds for no workspace: each has a file of its own", keys=keys)
    signing_secret, client_id, client_secret = (secret(shared.secrets, name) for name in NEEDED)
    oauth = OAuth(client_id, client_secret, shared.file.slack.api_url, asked.url + REDIRECT)
    installations = Installations(asked.folder)
    deployment = Deployment(
        shared, installations, signing_secret, asked.url + INSTALL, clock, app.make_embedder()
    )
    workspaces = Workspaces(installations, asked.teams, deployment.open, oauth)
    secure = asked.url.startswith("https:")
    installing = Installing(oauth, asked.teams, workspaces.install, clock, secure, Begun(clock))
    with workspace.one_team(), workspaces.serving():
        yield {
            EVENTS: Teams(signing_secret, workspaces, clock),
            INSTALL: installing,
            REDIRECT: installing,
        }
