from __future__ import annotations

from dataclasses import replace

from bot.model import Answer, Hit, Intent, Period, Query, Role
from bot.speak.answers.overview import THEMES
from bot.speak.plain import answer_text
from bot.understand.trends import view
from tests.builders import NOW, a_member, a_post, a_theme, ago, an_answer

MONTH = Period(ago(30), NOW)
ASKED = Query(since=ago(30), kinds=("complaint",))


def a_hit(**fields) -> Hit:
    return Hit(a_post(**fields), Intent.BUG, "a snippet", 1.0)


def told(query: Query, views=(), hits=()) -> Answer:
    return an_answer(query, views, hits)


def a_view(*members, **fields):
    return view(a_theme(*members, **fields), MONTH)


def test_without_a_post_nothing_is_said():
    found = told(ASKED)
    assert found.sentences == ()
    assert "No post read answers this." in answer_text(found)


def test_the_first_sentence_counts_and_cites_every_post_that_was_found():
    hits = [a_hit(author="ann"), a_hit(author="ann"), a_hit(author="bob", source="reddit")]
    first = told(ASKED, hits=hits).sentences[0]
    assert first.text.startswith("3 complaints by 2 people on GitHub and Reddit, 1 Mar 2026")
    assert {cite.key for cite in first.cites} == {hit.post.key for hit in hits}
    assert first.opens == ASKED


def test_unknown_authors_are_told_and_not_counted_as_people():
    hits = [a_hit(author=None), a_hit(author=None), a_hit(author="ann")]
    assert "by 1 person (and 2 by unknown authors)" in told(ASKED, hits=hits).sentences[0].text


def test_the_team_s_words_are_no_crowd():
    hits = [a_hit(author="lead", role=Role.TEAM)]
    assert "by the team" in told(ASKED, hits=hits).sentences[0].text


def test_little_evidence_is_said_to_be_little():
    assert told(ASKED, hits=[a_hit()]).sentences[0].text.startswith("Little to go on: only 1 ")
    assert "Little" not in told(ASKED, hits=[a_hit() for _ in range(3)]).sentences[0].text


def test_a_theme_is_told_whole_with_the_part_that_was_found_and_a_quote_of_it():
    members = [a_member(title=f"Push breaks in case {n}", created_at=ago(n)) for n in (1, 2, 3)]
    hit = Hit(a_post(external_id="acme/tool#x"), Intent.BUG, "", 1.0)
    found = [hit, Hit(replace(hit.post, external_id=members[0].key[7:]), Intent.BUG, "", 1.0)]
    said = told(ASKED, [a_view(*members)], found).sentences
    facts, quote = said[1], said[2]
    assert "3 posts (1 complaint) by 3 people on acme/tool" in facts.text
    assert {cite.key for cite in facts.cites} == {member.key for member in members}
    assert facts.opens == Query(since=ago(30), themes=("T1",))
    assert [cite.key for cite in quote.cites] == [members[0].key]
    assert quote.opens is None


def test_posts_outside_the_themes_speak_for_themselves_but_not_the_team_s():
    hits = [a_hit(title="Alone with this"), a_hit(title="Fixed now", role=Role.TEAM)]
    quotes = [s.text for s in told(ASKED, hits=hits).sentences[1:]]
    assert quotes == ["acme/tool, 1 Mar 2026: “Alone with this”"]


def test_no_more_themes_are_told_than_a_person_reads():
    hits = [a_hit()]
    views = [a_view(a_member(), id=f"T{n}") for n in range(1, THEMES + 4)]
    assert len(told(ASKED, views, hits).themes) == THEMES
    assert f"{THEMES + 3} themes keep coming back" in told(ASKED, views, hits).sentences[0].text


def test_the_text_says_where_each_sentence_can_be_checked():
    hits = [a_hit(url="https://example.org/7"), a_hit(), a_hit()]
    text = answer_text(told(replace(ASKED, words=("push",)), hits=hits))
    assert "  /groundswell search since:2026-01-31T12:00:00Z kind:complaint push\n" in text
    assert "  https://example.org/7\n" in text
    assert "about “push”" in text
