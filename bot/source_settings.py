"""`[sources]` of groundswell.toml: one model a source, its fields those of the adapter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator


def _address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("an address starts with http:// or https://")
    return value


Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Phrase = Annotated[str, Field(min_length=2)]
Tag = Annotated[str, Field(pattern=r"^[^\s;]{1,35}$")]


def _subreddit(value: str) -> str:
    name = value.strip("/").removeprefix("r/")
    if not re.fullmatch(r"[A-Za-z0-9_]{2,21}", name):
        raise ValueError(f"{value!r} is no name of a subreddit: write it like r/python")
    return name


Subreddit = Annotated[str, AfterValidator(_subreddit)]


class Part(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _repository(value: str) -> str:
    name = re.sub(r"^https?://[^/]+/|\.git$|/$", "", value)
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,39}/[A-Za-z0-9_.-]{1,100}", name):
        raise ValueError(f"{value!r} is no repository: write it like owner/name")
    return name


class GithubSettings(Part):
    """`[sources.github]`: repositories, all of some organisations, and notified threads."""

    repos: tuple[Annotated[str, AfterValidator(_repository)], ...] = ()
    orgs: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,39}$")], ...] = ()
    discussions: bool = True
    notifications: bool = False
    api_url: Address = "https://api.github.com"

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.repos and not self.orgs and not self.notifications:
            raise ValueError("nothing to read: name repos or orgs, or set notifications = true")
        return self


class HackerNewsSettings(Part):
    """`[sources.hackernews]`: stories and comments that hold one of the phrases."""

    queries: tuple[Phrase, ...] = Field(min_length=1)
    algolia_url: Address = "https://hn.algolia.com/api/v1"
    firebase_url: Address = "https://hacker-news.firebaseio.com/v0"


class FeedSettings(Part):
    """`[[sources.rss]]`: one RSS, Atom or JSON feed."""

    feed: Name = Field(alias="name")
    url: Address


class RedditSettings(Part):
    """`[sources.reddit]`: subreddits, and phrases looked for in all of Reddit."""

    subreddits: tuple[Subreddit, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,20}$")]
    site_url: Address = "https://www.reddit.com"
    api_url: Address = "https://oauth.reddit.com"

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.subreddits and not self.phrases:
            raise ValueError("nothing to read: name subreddits or phrases")
        return self


class XSettings(Part):
    """`[sources.x]`: posts that answer one of the queries, in X's search language."""

    # X takes 512 characters, those included that we add.
    queries: tuple[Annotated[str, Field(min_length=2, max_length=490)], ...] = Field(min_length=1)
    api_url: Address = "https://api.x.com/2"


class DiscourseSettings(Part):
    """`[[sources.discourse]]`: one forum, read as anybody unless it is given a key."""

    forum: Name = Field(alias="name")
    url: Address
    username: str | None = Field(default=None, min_length=1)
    """DISCOURSE_API_KEY was made by an admin for this user."""
    user_key: bool = False
    """DISCOURSE_API_KEY is a user's own."""


class StackExchangeSettings(Part):
    """`[[sources.stackexchange]]`: the questions of a site that have one of the tags."""

    site: Name
    tags: tuple[Tag, ...] = Field(min_length=1)
    api_url: Address = "https://api.stackexchange.com/2.3"


def _channel(value: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9]{5,20}|#?[^\s#@A-Z.]{1,80}", value):
        raise ValueError(f"{value!r} is neither a channel's id (C0123ABCD) nor its name (help)")
    return value


class SlackSettings(Part):
    """`[sources.slack]`: channels of the workspace that are read as a source."""

    channels: tuple[Annotated[str, AfterValidator(_channel)], ...] = Field(min_length=1)
    history_days: int = Field(default=30, ge=1, le=3_650)
    restricted: bool = False
    api_url: Address = "https://slack.com/api"


class MailSettings(Part):
    """`[[sources.mail]]`: one mailbox, on disk or over IMAP."""

    box: Name = Field(alias="name")
    path: Path | None = None
    host: Annotated[str, Field(pattern=r"^[^\s/:@]{1,253}$")] | None = None
    port: int = Field(default=993, ge=1, le=65_535)
    user: Annotated[str, Field(pattern=r"^[!-~]{1,254}$")] | None = None
    folder: Annotated[str, Field(pattern=r"^[ -~]{1,254}$")] = "INBOX"
    private: bool = False

    @model_validator(mode="after")
    def _is_one_mailbox(self) -> Self:
        if (self.path is None) == (self.host is None):
            raise ValueError(f"{self.box!r} needs either path, or host and user")
        if self.host and not self.user:
            raise ValueError(f"{self.box!r} has a host but no user: name whose mail it is")
        return self


class SourcesSettings(Part):
    """`[sources]`: what is read. Nothing is read that is not named here."""

    github: GithubSettings | None = None
    hackernews: HackerNewsSettings | None = None
    rss: tuple[FeedSettings, ...] = ()
    discourse: tuple[DiscourseSettings, ...] = ()
    stackexchange: tuple[StackExchangeSettings, ...] = ()
    reddit: RedditSettings | None = None
    x: XSettings | None = None
    slack: SlackSettings | None = None
    mail: tuple[MailSettings, ...] = ()

    def of(self, kind: str) -> tuple[BaseModel, ...]:
        """What is configured of one kind of source, one model a source."""
        found = getattr(self, kind)
        return found if isinstance(found, tuple) else (found,) if found else ()

    @field_validator("rss")
    @classmethod
    def _names_differ(cls, feeds: tuple[FeedSettings, ...]) -> tuple[FeedSettings, ...]:
        names = [feed.feed for feed in feeds]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two feeds are called {twice!r}; a name keys what was read")
        return feeds

    @field_validator("discourse")
    @classmethod
    def _forums_differ(cls, forums: tuple[DiscourseSettings, ...]) -> tuple[DiscourseSettings, ...]:
        names = [forum.forum for forum in forums]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two forums are called {twice!r}; a name keys what was read")
        if both := next((f.forum for f in forums if f.username and f.user_key), None):
            raise ValueError(f"{both!r} has username and user_key; a key is one or the other")
        if len(keyed := [forum.forum for forum in forums if forum.username or forum.user_key]) > 1:
            raise ValueError(f"DISCOURSE_API_KEY is one forum's, not that of {' and '.join(keyed)}")
        return forums

    @field_validator("stackexchange")
    @classmethod
    def _sites_differ(
        cls, sites: tuple[StackExchangeSettings, ...]
    ) -> tuple[StackExchangeSettings, ...]:
        names = [site.site for site in sites]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice!r} stands twice; put all its tags into one block")
        return sites

    @field_validator("mail")
    @classmethod
    def _boxes_differ(cls, boxes: tuple[MailSettings, ...]) -> tuple[MailSettings, ...]:
        names = [box.box for box in boxes]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two mailboxes are called {twice!r}; a name keys what was read")
        if len({(box.host, box.user) for box in boxes if box.host}) > 1:
            raise ValueError("MAIL_PASSWORD is one account's: name folders of one host and user")
        return boxes
