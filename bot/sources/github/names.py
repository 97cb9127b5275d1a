"""How GitHub's posts are called: their ids, and the addresses that people read them at.

- `owner/name#12`: an issue, a pull request or a discussion, which share their numbers
- `owner/name#12-345`: a comment on an issue or a pull request
- `owner/name#12-discussion_r345`: a remark on a pull request's code; likewise
  `-pullrequestreview-345` and `-discussioncomment-345`
- `owner/name@v1.2`: a release
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

COMMENT, REMARK = "issuecomment-", "discussion_r"
REVIEW, ANSWER = "pullrequestreview-", "discussioncomment-"
FORMS = (COMMENT, REMARK, REVIEW, ANSWER)
"""What stands before a reply's number in its address: tells what it is."""

REPO = re.compile(r"[\w.-]{1,39}/[\w.-]{1,100}", re.ASCII)

_OWN = rf"(?P<form>{'|'.join(FORMS)})(?P<own>[0-9]{{1,15}})"
_PAGE = re.compile(
    rf"/(?P<repo>{REPO.pattern})/(?:(?P<place>issues|pulls?|discussions)/(?P<number>[0-9]{{1,9}})"
    r"(?:/(?:files|changes|commits))?|releases/tag/(?P<tag>[^/]+(?:/[^/]+)*))/?",
    re.ASCII,
)
_REPLY = re.compile(_OWN)
_ID = re.compile(
    rf"(?P<repo>{REPO.pattern})(?:#(?P<number>[0-9]{{1,9}})"
    rf"(?:-(?P<form>{REMARK}|{REVIEW}|{ANSWER})?(?P<own>[0-9]{{1,15}}))?|@(?P<tag>.+))",
    re.ASCII,
)
_TAG = re.compile(r"[!-~\w]{1,200}")


@dataclass(frozen=True, slots=True)
class Name:
    """A post's name in its parts: a tag, or a number and perhaps a reply's form and number."""

    repo: str
    number: int = 0
    form: str = ""
    own: int = 0
    tag: str = ""

    @property
    def thread(self) -> str:
        """The id of what opened the thread."""
        return f"{self.repo}#{self.number}"

    @property
    def external_id(self) -> str:
        """The id under which the post is kept."""
        if self.tag:
            return f"{self.repo}@{self.tag}"
        form = "" if self.form == COMMENT else self.form
        return f"{self.thread}-{form}{self.own}" if self.form else self.thread

    @property
    def path(self) -> str:
        """Where REST has it; a discussion and its answers are not there."""
        paths = {
            "": f"issues/{self.number}",
            COMMENT: f"issues/comments/{self.own}",
            REMARK: f"pulls/comments/{self.own}",
            REVIEW: f"pulls/{self.number}/reviews/{self.own}",
        }
        place = f"releases/tags/{quote(self.tag, safe='')}" if self.tag else paths[self.form]
        return f"repos/{self.repo}/{place}"

    @classmethod
    def of_id(cls, external_id: str) -> Name | None:
        """The parts of an id; None if it is none of these."""
        found = _ID.fullmatch(external_id)
        if not found:
            return None
        form = (found["form"] or COMMENT) if found["own"] else ""
        number, own = int(found["number"] or 0), int(found["own"] or 0)
        return cls(found["repo"], number, form, own, found["tag"] or "")

    @classmethod
    def of_url(cls, url: str) -> Name | None:
        """The name of the post at an address, on whatever host; None if there can be none."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        found = _PAGE.fullmatch(parts.path)
        if not found:
            return None
        if found["tag"]:
            tag = unquote(found["tag"])
            return cls(found["repo"], tag=tag) if is_tag(tag) else None
        reply = _REPLY.fullmatch(parts.fragment)
        form, own = (reply["form"], int(reply["own"])) if reply else ("", 0)
        return cls(found["repo"], int(found["number"]), form, own)


def is_tag(text: str) -> bool:
    """Whether a text can be a tag's name as an id can hold it."""
    return _TAG.fullmatch(text) is not None
