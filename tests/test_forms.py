from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forms import body_of, fault_in, title_of

ENOUGH_S = 2.0
"""For any text at all, since only its beginning is looked at."""

REPORT = """\
### Preflight Checklist

- [x] I have searched the existing issues
- [X] This is a single report
- [ ] I can reproduce this

### What's Wrong?

The preview goes blank when I rotate a photo.

### What Should Happen?

It shows the rotated photo.

### Error Messages/Logs

_No response_

### Steps to Reproduce

1. Open a photo
2. Rotate it twice

### Version

2.4.1 (build 77)

### Operating System

Haiku

### Additional Information

It began last week.
"""

REQUEST = """\
**Is this a regression?** no

## Feature Request

**Describe the problem:** Exports take an hour.
<!-- Please be as exact as you can. -->

**Proposed solution**
Export in the background.

- Version: 3.1
- Platform: plan9
- Node.js: 22.1.0

No response
"""

LOGGED = """\
Bug Description
It stops in the middle of an upload.

Environment Info
- Platform: plan9
- Terminal: st
- Version: 1.2.3
- Feedback ID: 0f8fad5b-d9cb-469f-a165-70867728950e

Errors
```json
[{"error":"Error: Upload was cut off\\n    at send (/opt/upload.js:10:5)\\n    at async run \
(/opt/main.js:3:1)","timestamp":"2026-03-02T09:00:00.000Z"}]
```
"""

REFUSAL = (
    '{"type": "error", "error": {"type": "overloaded", "message": "The service is overloaded."}}'
)

HOSTILE = [
    "[", "[a]", "[a] ", "[ ] ", "[x] ", "- [x] ", "【a】", "Bug: ", "bug ", "feature request: ",
    "version ", "a version ", "w.w/", "## version\n", "## os ", "### ", "### a\n", "### a\n### ",
    "expected ", "what happened? ", "steps to ", "**", "**version**", "- version: ", "- a:", "* ",
    "<!--", "<img ", "<br", "```", "\\", "\\n at ", "\nat a (", "at async ", "at x://", "req_",
    '"message": "', '"message": "abcdefgh', '"type": "', '\\"', "{}", "2026-01-01T", "0a1b2c3d-",
    "aaaaaaaa-", "http://", "a ", "a,", "a, ", "word ", "\n", " ", "\t", ". ", ", a", "\ud800", "é",
]  # fmt: skip

fragments = st.lists(st.sampled_from([*HOSTILE, "words", "It fails.", "\n\n"])).map("".join)


class TestTitleOf:
    @pytest.mark.parametrize(
        ("title", "bare"),
        [
            ("[BUG] Preview goes blank", "Preview goes blank"),
            ("[Bug]: Preview goes blank", "Preview goes blank"),
            ("[BUG][macOS] - Preview goes blank", "Preview goes blank"),
            ("  [Feature Request]  Export in the background ", "Export in the background"),
            ("【不具合】 Preview goes blank", "Preview goes blank"),
            ("Bug report: Preview goes blank", "Preview goes blank"),
            ("[BUG] Bug: Preview goes blank", "Preview goes blank"),
            ("Bug: [UI] Preview goes blank", "Preview goes blank"),
            ("Feature request - Export in the background", "Export in the background"),
            ("Question\uff1aHow to export", "How to export"),
            ("Bug in the preview", "Bug in the preview"),
            ("Feature-flags are ignored", "Feature-flags are ignored"),
            ("Issues with export", "Issues with export"),
            ("Preview [beta] goes blank", "Preview [beta] goes blank"),
            ("[BUG]", "[BUG]"),
            ("Bug:", "Bug:"),
            ("[BUG] [UI]", "[UI]"),
            ("", ""),
            ("   ", ""),
            (f"[{'x' * 41}] words", f"[{'x' * 41}] words"),
        ],
    )
    def test_prefixes_of_trackers_are_taken_away(self, title, bare):
        assert title_of(title) == bare

    @given(fragments | st.text())
    def test_it_ends_as_the_title_does_and_is_empty_only_if_that_is(self, title):
        bare = title_of(title)
        assert title.strip().endswith(bare)
        assert bool(bare) == bool(title.strip())


class TestBodyOf:
    def test_of_an_issue_form_what_was_said_remains(self):
        assert body_of(REPORT) == (
            "The preview goes blank when I rotate a photo. It shows the rotated photo. "
            "1. Open a photo 2. Rotate it twice It began last week."
        )

    def test_of_headings_in_bold_what_was_said_remains(self):
        body = body_of(REQUEST)
        assert "Exports take an hour." in body
        assert "Export in the background." in body
        for noise in (
            "Feature Request",
            "Describe",
            "exact",
            "Proposed",
            "plan9",
            "22.1",
            "response",
        ):
            assert noise not in body

    def test_of_a_logged_error_its_message_remains(self):
        body = body_of(LOGGED)
        assert "It stops in the middle of an upload." in body
        assert "Upload was cut off" in body
        for noise in ("plan9", "1.2.3", "0f8fad5b", "upload.js", "main.js", "2026", "Environment"):
            assert noise not in body

    @pytest.mark.parametrize(
        "text",
        [
            "The preview goes blank when I rotate a photo.",
            "We expected more of the new version, and the problem is the summary it writes.",
            "It works on my machine (a laptop) but not on the server; see page 3.",
            "Version two is slow, and the model does not matter.",
        ],
    )
    def test_prose_is_left_alone(self, text):
        assert body_of(text) == text

    def test_a_clause_that_is_repeated_is_said_once(self):
        assert (
            body_of("It hangs. I restart, it hangs. It hangs. Help.")
            == "It hangs. I restart, it hangs. Help."
        )

    def test_a_word_that_is_repeated_and_repeated_is_said_less(self):
        assert body_of("error error error error error in the preview").count("error") <= 2

    def test_links_ids_and_fences_are_no_words(self):
        body = body_of(
            "See https://example.org/a?b=1 and req_0123456789ab\n```python\nx\n```\nthanks"
        )
        assert body == "See and x thanks"

    @pytest.mark.parametrize("text", ["", " \n ", "### Version\n\n1.0", "- [x] I have searched"])
    def test_nothing_said_is_nothing(self, text):
        assert body_of(text) == ""

    def test_only_the_beginning_is_looked_at(self):
        assert "needle" not in body_of("words " * 10_000 + "needle")

    @given(fragments | st.text())
    def test_it_is_one_line_and_no_longer_than_the_text(self, text):
        body = body_of(text)
        assert body == " ".join(body.split())
        # A mark between two words becomes a space, but never more.
        assert len(body) <= len(text)

    @given(
        st.lists(st.sampled_from(["It fails.", "The photo is blank,", "why?", "Help me!", "now"]))
    )
    def test_what_holds_no_noise_stays_as_it_is_the_second_time(self, clauses):
        once = body_of(" ".join(clauses))
        assert body_of(once) == once


class TestFaultIn:
    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            (REFUSAL, "The service is overloaded"),
            (f"It said: API Error 529 {REFUSAL} and again", "The service is overloaded"),
            (
                '{\\"error\\": {\\"message\\": \\"Token expired at noon\\"}}',
                "Token expired at noon",
            ),
            ('{"message" : "disk is full"}', "disk is full"),
            ('{"message": "no"}', ""),
            ('{"message": "never closed and so no message', "never closed and so no message"),
            ("It says that the message is lost.", ""),
            ("", ""),
        ],
    )
    def test_it_is_the_message_in_the_quoted_json(self, text, fault):
        assert fault_in(text) == fault

    def test_of_several_it_is_the_most_repeated_and_else_the_first(self):
        def said(*messages: str) -> str:
            return "\n".join(f'{{"message": "{message}"}}' for message in messages)

        assert fault_in(said("disk is full", "token expired", "token expired")) == "token expired"
        assert fault_in(said("disk is full", "token expired")) == "disk is full"

    @given(fragments | st.text())
    def test_it_is_found_as_it_stands_or_not_at_all(self, text):
        fault = fault_in(text)
        assert fault in text
        assert len(fault) <= 160


class TestTime:
    @pytest.mark.parametrize("piece", HOSTILE)
    def test_nothing_takes_long(self, piece):
        started = time.process_time()
        for read in (title_of, body_of, fault_in):
            read(piece * (200_000 // len(piece)))
            read(piece * (3_990 // len(piece)) + "\n#")
        assert time.process_time() - started < ENOUGH_S


def test_a_form_s_bold_fields_go_with_their_answers():
    assert body_of("- **Version**: 3.1\n- **OS**: Linux\nIt hangs on start.") == (
        "It hangs on start."
    )
