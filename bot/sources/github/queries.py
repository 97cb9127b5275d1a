"""The words of our GraphQL queries. What is asked for comes under REST's names.

https://docs.github.com/en/graphql/reference/objects
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence

from bot.sources.github.names import ANSWER, COMMENT, REMARK, REVIEW

FRAGMENTS = {
    "said": """on Comment {
        user: author { login type: __typename } author_association: authorAssociation
        body created_at: createdAt updated_at: updatedAt }""",
    "liked": "on Reactable { reactions(content: THUMBS_UP) { totalCount } }",
    "issue": """on Issue {
        form: __typename number title html_url: url closed closed_at: closedAt ...said ...liked
        state_reason: stateReason(enableDuplicate: true)
        labels(first: 50) { nodes { name } } milestone { title } comments { totalCount }
        recent: comments(last: 5) { nodes { body } }
        marks: timelineItems(
          last: 1, itemTypes: [MARKED_AS_DUPLICATE_EVENT, UNMARKED_AS_DUPLICATE_EVENT]
        ) { nodes { ... on MarkedAsDuplicateEvent { canonical {
          ... on Issue { number repository { nameWithOwner } }
          ... on PullRequest { number repository { nameWithOwner } } } } } } }""",
    "pull": """on PullRequest {
        form: __typename number title html_url: url closed closed_at: closedAt merged_at: mergedAt
        ...said ...liked
        labels(first: 50) { nodes { name } } milestone { title } comments { totalCount }
        closing: closingIssuesReferences(first: 20) {
          nodes { number repository { nameWithOwner } } } }""",
    "discussion": """on Discussion {
        form: __typename number title html_url: url closed closed_at: closedAt ...said
        isAnswered upvoteCount
        labels(first: 50) { nodes { name } } comments { totalCount } }""",
    # The replies of each form, as many of the newest as one question can bring.
    "ofIssue": "on Issue { talk: comments(last: 100) { ...talk } }",
    "ofPull": "on PullRequest { talk: comments(last: 100) { ...talk } }",
    "talk": """on IssueCommentConnection {
        pageInfo { hasPreviousPage } nodes { html_url: url ...said ...liked } }""",
    "reviewed": """on PullRequest {
        reviews(last: 50, states: [APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED]) {
          pageInfo { hasPreviousPage }
          nodes { html_url: url submitted_at: submittedAt ...said ...liked } } }""",
    "remarked": """on PullRequest {
        reviews(last: 50, states: [APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED]) {
          pageInfo { hasPreviousPage }
          nodes { remarks: comments(last: 50) {
            pageInfo { hasPreviousPage }
            nodes { html_url: url ...said ...liked replyTo { html_url: url } } } } } }""",
    "debated": """on Discussion { debate: comments(last: 30, before: $before) {
        pageInfo { hasPreviousPage startCursor }
        nodes { ...spoken answers: replies(last: 50) {
          pageInfo { hasPreviousPage } nodes { ...spoken replyTo { html_url: url } } } } } }""",
    "spoken": "on DiscussionComment { html_url: url upvoteCount deletedAt ...said }",
}
_BY_CHANGE = "orderBy: {field: UPDATED_AT, direction: DESC}"
_LAST_DISCUSSION = f"discussions(first: 1, {_BY_CHANGE}) {{ nodes {{ updated_at: updatedAt }} }}"
_SPREAD = re.compile(r"\.\.\.(\w+)")

REPLIES = {
    COMMENT: "...ofIssue ...ofPull",
    REVIEW: "...reviewed",
    REMARK: "...remarked",
    ANSWER: "...debated",
}
"""What to ask of a thread for its replies of a form."""


def thread(number: int, forms: Collection[str]) -> str:
    """A thread with its newest replies of these forms.

    `tN` is an issue or pull request, `dN` a discussion: the numbers do not tell which, so both are
    asked for where the forms do not tell either, and one is null.
    """
    talk = " ".join(REPLIES[form] for form in forms if form != ANSWER)
    parts = []
    if talk or ANSWER not in forms:
        parts.append(
            f"t{number}: issueOrPullRequest(number: {number}) {{ ...issue ...pull {talk} }}"
        )
    if ANSWER in forms or not talk:
        debated = REPLIES[ANSWER] if ANSWER in forms else ""
        parts.append(f"d{number}: discussion(number: {number}) {{ ...discussion {debated} }}")
    return " ".join(parts)


def discussions(most: int) -> str:
    """A page of discussions with their newest comments, the last changed first."""
    order = f"first: {most}, after: $after, {_BY_CHANGE}"
    page = "pageInfo { hasNextPage endCursor } nodes { ...discussion ...debated }"
    return f"discussions({order}) {{ {page} }}"


def last_discussions(names: Sequence[str]) -> str:
    """A query for the discussion that changed last in each repository: `rN`, N the name's place."""
    parts = []
    for place, name in enumerate(names):
        owner, _, own = name.partition("/")
        where = f"owner: {json.dumps(owner)}, name: {json.dumps(own)}"
        parts.append(f"r{place}: repository({where}) {{ {_LAST_DISCUSSION} }}")
    return f"{{ {' '.join(parts)} }}"


def release(key: str, tag: str) -> str:
    """Whether a tag has a release: null under `key` if not."""
    return f"{key}: release(tagName: {json.dumps(tag)}) {{ tagName }}"


def of_repository(selection: str) -> str:
    """A query with the fragments and variables that it uses: GitHub refuses any other."""
    used: dict[str, str] = {}
    texts = [selection]
    while texts:
        for name in _SPREAD.findall(texts.pop()):
            if name not in used:
                used[name] = FRAGMENTS[name]
                texts.append(FRAGMENTS[name])
    fragments = " ".join(f"fragment {name} {text}" for name, text in used.items())
    body = f"{{ repository(owner: $owner, name: $name) {{ isPrivate {selection} }} }} {fragments}"
    optional = "".join(f", ${name}: String" for name in ("after", "before") if f"${name}" in body)
    return f"query($owner: String!, $name: String!{optional}) {body}"
