"""What there is to alert a channel of: each thing once, as long as nobody there snoozed it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from bot.alarms import Alarm, Alerts, FirstReport, Found
from bot.deliveries import Asks, Subscription
from bot.model import Criterion, Ground, Hit, Member, Query, Status, ThemeView
from bot.pipeline.backtesting import Backtesting
from bot.pipeline.telling import NO_THEME, Telling
from bot.speak.alerting import parse_alerts
from bot.speak.subscribing import exactly

LATE = timedelta(days=2)
"""How late a post may come in and still be told of at once."""

WATCHED = 20
"""Posts that are told at once at most: what is more comes with the next look."""

BACK = timedelta(days=8)
"""How long a theme that came back counts as told: a day more than it stays one that came back."""


@dataclass(frozen=True)
class Alerting:
    """One look for one subscription."""

    telling: Telling
    its: Subscription
    kept_back: int = 0
    """Posts that looked like an undisclosed vulnerability when the channel was told last."""

    def found(self) -> Found:
        """What this channel was not alerted of yet, by any of its subscriptions."""
        if self.its.asks is Asks.WATCH:
            query = replace(exactly(self.telling.parse(self.its.words)), since=self._since)
            return Found(watched=tuple(self._new(query, WATCHED)))
        asked = parse_alerts(self.its.words)
        query = self.telling.narrowed(self.telling.parse(asked.query))
        bursts = tuple(self._bursts(asked, query)) if asked.bursts else ()
        told = {alarm.theme for alarm, _ in bursts}
        back = tuple(self._back(query, told)) if asked.back else ()
        told |= {view.theme.id for view in back}
        first = self._first(asked.criteria, query, told) if asked.criteria else ()
        secret = Criterion.SECURITY in asked.criteria
        return Found(
            bursts=bursts,
            back=back,
            first=tuple(islice(first, WATCHED)),
            kept_back=max(0, self.sensitive() - self.kept_back) if secret else 0,
        )

    def sensitive(self) -> int:
        """Posts since the subscription began that are shown to nobody but the security contact."""
        readings = self.telling.store.readings
        return readings.kept_back(self.its.made_at, self.telling.now, self.telling.audience)

    @cached_property
    def _since(self) -> datetime:
        return max(self.its.made_at, self.telling.now - LATE)

    @cached_property
    def _snoozed(self) -> set[str]:
        return self.telling.store.acknowledgements.snoozed(self.its.channel, self.telling.now)

    def _new(self, query: Query, most: int) -> Sequence[Hit]:
        """Posts that this channel was not shown, of themes that are not snoozed."""
        told = self.telling.store.outbox.alerted_posts(self.its.channel, self._since)
        left_out = tuple(("theme", theme) for theme in sorted(self._snoozed))
        query = replace(query, until=None, excluded=(*query.excluded, *left_out))
        # Told ones stand among the newest: beside them there is room for as many again.
        found = self.telling.search(query, most + len(told))
        return [hit for hit in found if hit.post.key not in told][:most]

    def _open(self, view: ThemeView) -> bool:
        return view.mute is None and view.theme.id not in self._snoozed

    def _bursts(self, asked: Alerts, query: Query) -> Iterator[tuple[Alarm, ThemeView]]:
        told = self.telling.store.outbox.alerted_themes(self.its.channel, self._since)
        backtesting = Backtesting(self.telling.store, self.telling.now)
        found = {
            alarm.theme: alarm
            for alarm in backtesting.alarms(asked.rule, query, self.telling.coverage(), self._since)
            if alarm.burst.at > told.get(alarm.theme, self._since)
        }
        if found:
            views = self.telling.themes(replace(query, themes=tuple(found)))
            yield from (
                (found[v.theme.id], v) for v in views if v.theme.id in found and self._open(v)
            )

    def _back(self, query: Query, told: Collection[str]) -> Iterator[ThemeView]:
        """Themes that came back with a post of the last days, without those that are told."""
        known = self.telling.store.outbox.alerted_themes(self.its.channel, self.telling.now - BACK)
        lately = self.telling.search(replace(exactly(query), since=self._since), _ALL)
        themes = set(self._themes_of(lately)) - known.keys() - set(told)

        def came_back(view: ThemeView) -> bool:
            return view.status is Status.CAME_BACK and self._open(view)

        yield from self._views(query, themes, came_back)

    def _first(
        self, criteria: Sequence[Criterion], query: Query, told: Collection[str]
    ) -> Iterator[FirstReport]:
        """New posts that meet a criterion which no post of their theme met before.

        A theme that is told, or was lately, is no news.
        """
        known = self.telling.store.outbox.alerted_themes(self.its.channel, self._since)
        names = tuple(criterion.value for criterion in criteria)
        asked = replace(exactly(query), criteria=names, since=self._since)
        hits = [hit for hit in self._new(asked, _ALL) if hit.post.parent_id is None]
        everything = Query(audience=self.telling.audience)
        views = self._views(everything, set(self._themes_of(hits)), lambda _: True)
        standing = {m.key: (view, m) for view in views for m in view.theme.members}
        for hit in hits:
            view, member = standing.get(hit.post.key, (None, None))
            if view is None or member is None:
                yield _report(hit, self.telling.store.readings.grounds(hit.post.key), criteria)
            elif view.theme.id in known or view.theme.id in told or not self._open(view):
                continue
            elif new := _met_first(view, member, criteria):
                yield _report(hit, member.reading.grounds, new, view)

    def _themes_of(self, hits: Sequence[Hit]) -> list[str]:
        stood = self.telling.store.standings.of([hit.post.key for hit in hits])
        return [one.theme for one in stood.values() if one.theme]

    def _views(
        self, query: Query, themes: set[str], wanted: Callable[[ThemeView], bool]
    ) -> list[ThemeView]:
        asked = themes & set(query.themes) if query.themes else themes
        named = replace(query, themes=tuple(sorted(asked)) or NO_THEME)
        return self.telling.tracked(named, wanted) if asked else []


def _report(
    hit: Hit,
    grounds: Sequence[Ground],
    criteria: Sequence[Criterion],
    view: ThemeView | None = None,
) -> FirstReport:
    """A report with the words that make it one: a form's first lines say nothing."""
    met = [one for one in grounds if one.criterion in criteria]
    title = hit.post.title.casefold()
    said = dict.fromkeys(one.words for one in met if one.words.casefold() not in title)
    words = " … ".join(said) or hit.post.title
    found = tuple(one for one in criteria if one in {ground.criterion for ground in met})
    theme, label = (view.theme.id, view.theme.label) if view else (None, "")
    return FirstReport(replace(hit, snippet=words or hit.snippet), found, theme, label)


def _met_first(
    view: ThemeView, member: Member, criteria: Sequence[Criterion]
) -> tuple[Criterion, ...]:
    """The criteria that a post meets and none before it in its theme does."""
    before: set[Criterion] = set()
    for other in view.theme.members:
        if other.key == member.key:
            break
        before |= {ground.criterion for ground in other.reading.grounds}
    own = {ground.criterion for ground in member.reading.grounds}
    return tuple(one for one in criteria if one in own - before)


_ALL = 10_000
"""Posts of two days that are looked at: more than any community writes."""
