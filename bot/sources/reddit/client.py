"""The one module that knows praw, sent out through our own client: https://praw.readthedocs.io ."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

import praw
from praw.config import Config
from prawcore.exceptions import RequestException

from bot.answers import Reply, json_of
from bot.errors import SourceError
from bot.http import Http
from bot.limits import Budget, Pace

_MEND = "Correct REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET, or remove both to read by RSS"


@dataclass(frozen=True, slots=True)
class Key:
    """What Reddit gave us to use its API with, and where that is."""

    client_id: str
    client_secret: str = field(repr=False)
    agent: str
    site_url: str
    api_url: str


class Client:
    """Reads Reddit's API. It has no account, so it can write nothing."""

    def __init__(self, http: Http, pace: Pace, key: Key) -> None:
        self._session = _Session(http, pace)
        _read_no_files()
        self._reddit = praw.Reddit(
            "DEFAULT",
            requestor_kwargs={"session": self._session},
            client_id=key.client_id,
            client_secret=key.client_secret,
            user_agent=key.agent,
            reddit_url=key.site_url,
            oauth_url=key.api_url,
            check_for_updates=False,
            check_for_async=False,
            # Named, lest the environment's are taken.
            username=None,
            password=None,
            refresh_token=None,
            redirect_uri=None,
        )

    @property
    def budget(self) -> Budget | None:
        """What the last answer said of our limits."""
        return self._session.budget

    def read(self, path: str, params: Mapping[str, str | int]) -> Any:  # noqa: ANN401 whatever JSON holds
        """The answer at a path, with Markdown as it was written. Raises SourceError."""
        try:
            return self._reddit.request(method="GET", path=path, params=dict(params))
        except RequestException as error:
            # praw wraps what its session raises; ours raises what there is to say.
            raise error.original_exception from None


class _Session:
    """What praw takes for a session of requests: all goes out through our guarded client.

    Waits, retries and limits are ours as well, so praw is shown no header that it would act on.
    """

    def __init__(self, http: Http, pace: Pace) -> None:
        self.headers: dict[str, str] = {}
        self.budget: Budget | None = None
        self._http = http
        self._pace = pace

    def close(self) -> None:
        """Nothing to close: the client is shared."""

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        data: Sequence[tuple[str, str]] | None = None,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Response:
        """Read an address, or get the token that this needs. Raises SourceError."""
        if method.upper() == "POST":
            return _Response(self._token(url, data or (), auth or ("", "")))
        sent = {**self.headers, **(headers or {})}
        reply = self._http.get(url, params=params, headers=sent, pace=self._pace)
        self.budget = reply.budget
        path = urlsplit(url).path
        if unquote(urlsplit(reply.url).path) != unquote(path):
            raise SourceError(
                f"reddit: {path} leads elsewhere: there is no such subreddit; correct its name",
                permanent=True,
            )
        return _Response(reply)

    def _token(self, url: str, data: Sequence[tuple[str, str]], auth: tuple[str, str]) -> Reply:
        basic = base64.b64encode(":".join(auth).encode()).decode()
        sent = {**self.headers, "Authorization": f"Basic {basic}"}
        try:
            reply = self._http.post_form(url, data, headers=sent, pace=self._pace)
        except SourceError as error:
            if not error.permanent:
                raise
            raise SourceError(f"reddit: {error}. {_MEND}", permanent=True) from error
        _check_token(json_of(reply))
        return reply


class _Response:
    """What praw takes for a response of requests."""

    status_code = 200
    """Anything else has been raised already."""

    def __init__(self, reply: Reply) -> None:
        self.headers: Mapping[str, str] = {}
        self._reply = reply

    def json(self) -> Any:  # noqa: ANN401 whatever JSON holds
        """The body as JSON. Raises SourceError."""
        return json_of(self._reply)


def _check_token(answer: object) -> None:
    """Raise SourceError for an answer that praw would stumble over."""
    wanted = {"access_token": str, "expires_in": int, "scope": str}
    if not isinstance(answer, dict) or any(
        type(answer.get(name)) is not kind for name, kind in wanted.items()
    ):
        raise SourceError(f"reddit: the answer to our key is no token. {_MEND}")


def _read_no_files() -> None:
    """Keep praw from reading a praw.ini of the current folder or of the user's."""
    defaults = ConfigParser(interpolation=None)
    defaults.read_string(files("praw").joinpath("praw.ini").read_text(encoding="utf-8"))
    Config.CONFIG = defaults
