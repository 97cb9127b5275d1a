"""The words of the field as frozen values: no I/O, no clock, only values imported."""

from __future__ import annotations

from bot.model.decisions import Decision, Deed, Part, Touched
from bot.model.periods import Period
from bot.model.posts import (
    SOURCES_KNOWN,
    STRONGEST,
    UNCOMPLAINING,
    Basis,
    Criterion,
    Ground,
    Intent,
    Link,
    Mark,
    Post,
    Reading,
    Role,
    Sensitive,
    Visibility,
)
from bot.model.precision import Precision
from bot.model.questions import OPERATOR, Aim, Audience, Correction, Query, Question
from bot.model.themes import Citation, Crowd, Dissent, Member, Status, Theme, ThemeView, Week
from bot.model.told import Answer, Coverage, Digest, Gap, Hit, Section, Sentence, SourceCoverage

__all__ = [
    "OPERATOR",
    "SOURCES_KNOWN",
    "STRONGEST",
    "UNCOMPLAINING",
    "Aim",
    "Answer",
    "Audience",
    "Basis",
    "Citation",
    "Correction",
    "Coverage",
    "Criterion",
    "Crowd",
    "Decision",
    "Deed",
    "Digest",
    "Dissent",
    "Gap",
    "Ground",
    "Hit",
    "Intent",
    "Link",
    "Mark",
    "Member",
    "Part",
    "Period",
    "Post",
    "Precision",
    "Query",
    "Question",
    "Reading",
    "Role",
    "Section",
    "Sensitive",
    "Sentence",
    "SourceCoverage",
    "Status",
    "Theme",
    "ThemeView",
    "Touched",
    "Visibility",
    "Week",
]
