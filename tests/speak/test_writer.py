from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bot.model import (
    OPERATOR,
    Answer,
    Audience,
    Citation,
    Intent,
    Post,
    Query,
    Reading,
    Sentence,
    Visibility,
)
from bot.slack.console import answer_drawing
from bot.speak.data import answer_data
from bot.speak.plain import answer_text
from bot.speak.writer import Extractive, Spent, spent_text, writer_text
from bot.writing import checking
from bot.writing.material import FACTS_MOST, POSTS_MOST, Material, choose
from bot.writing.prompting import prompt
from bot.writing.replies import WriterError
from bot.writing.sayings import Told
from bot.writing.secrets import without_secrets
from tests.builders import NOW, a_post, some_coverage

POSTS = (
    a_post(
        external_id="a#1",
        title="Push fails on big files",
        text="It crashed after 3 minutes with E4417 in Tarn 2.4.1. I lost 500 files.",
    ),
    a_post(external_id="a#2", title="Upload stalls", text="torch.compile hangs on Windows 11"),
    a_post(external_id="a#3", title="Push broken again", text="Same here, since the upgrade."),
    a_post(external_id="a#4", title="Fonts are tiny", text="I need a magnifying glass."),
)


def cited(post: Post, quote: str = "") -> Citation:
    return Citation(
        post.key, quote or post.title, post.venue, post.author, post.created_at, post.url
    )


CITES = tuple(map(cited, POSTS))
OVERVIEW = Sentence(
    "4 complaints about “push” by 3 people on GitHub, 12 Feb 2026 to 1 Mar 2026; one theme keeps "
    "coming back.",
    CITES,
    Query(),
)
THEME = Sentence(
    "“Push fails on big files” (T1): 3 people + 2 posts by unknown authors, 1,200 posts on "
    "acme/tool; growing: 40% up, 3 in 7 days, usually 1.5.",
    CITES[:3],
    Query(themes=("T1",)),
)
VOICE = Sentence("acme/tool, 1 Mar 2026: “Fonts are tiny”", (CITES[3],))
ANSWER = Answer(
    "what hurts about push?", Query(), (OVERVIEW, THEME, VOICE), ("T1",), some_coverage(),
    "extractive",
)  # fmt: skip
MATERIAL = choose(ANSWER, POSTS, 50_000, private=False)
NUMBER = {post.cite.key: n for n, post in enumerate(MATERIAL.posts, 1)}
FIRST, SECOND, THIRD, FONTS = (NUMBER[post.key] for post in POSTS)


def fault(text: str, facts: list[int], posts: list[int] | None = None) -> str:
    return checking.fault(Told(text, tuple(facts), tuple(posts or [])), MATERIAL)


# What holds


@pytest.mark.parametrize(
    ("text", "facts", "posts"),
    [
        ("Since 12 Feb 2026 there were 4 complaints about push by 3 people on GitHub.", [1], []),
        ("Four complaints by three people, and one theme.", [1], []),
        ("Between February 12 and March 1, 2026, 3 people complained about push.", [1], []),
        ("T1, “Push fails on big files”, is growing: 3 people in 7 days.", [2], []),
        ("Push failures keep growing, 40 percent up, in 1,200 posts on acme/tool.", [2], []),
        ("Posts about push are growing, usually 1.5 in 7 days.", [2], []),
        ("Big pushes fail; a report says “It crashed after 3 minutes”.", [2], [FIRST]),
        ("Somebody wrote “I lost 500 files.”", [], [FIRST]),
        ("Pushes are said to crash with E4417 in Tarn 2.4.1.", [2], [FIRST]),
        ("Somebody reports that torch.compile hangs.", [2], [SECOND]),
        ("Uploads are reported to stall on “Windows 11”.", [2], [SECOND]),
        ("Fonts are called tiny: 'I need a magnifying glass'.", [], [FONTS]),
        ("People say that fonts are tiny and push fails.", [1, 2], [FONTS]),
        ("One user says “I lost 500 files”, and push is growing.", [2], [FIRST]),
    ],
)
def test_what_its_items_say_holds(text, facts, posts):
    assert fault(text, facts, posts) == ""


# What does not


@pytest.mark.parametrize(
    "text",
    [
        "5 complaints about push by 3 people.",
        "4 people complained about push.",
        "3 complaints about push.",
        "Nine people complained about push.",
        "Twenty-five people complained about push.",
        "Four hundred complaints about push.",
        "4,000 complaints about push.",
        "4k complaints about push.",
        "4% complaints about push.",
        "Push complaints are up by 4 percent.",
        "4 complaints, $3 lost.",
        "Half of the complaints are about push.",
        "Most people complain about push.",
        "Everyone complains about push.",
        "Complaints about push doubled.",
        "Dozens complain about push.",
        "All users complain about push.",
        "Complaints about push on 13 Feb 2026.",
        "Complaints about push since 12 Jan 2026.",
        "Complaints about push since 12 Feb 2025.",
        "Complaints about push since 2026-02-13.",
        "Complaints about push, in April.",
        "Complaints about push yesterday.",
        "Complaints about push last week.",
        "12 complaints about push.",
        "2,026 complaints about push.",
        "４４ complaints about push.",
        "٤ complaints about push.",
        "½ of the complaints are about push.",
        "Ⅻ complaints about push.",
        "三 complaints about push.",
        "zwölf complaints about push.",
        "neun complaints about push.",
        "4 complaints/9 people about push.",
        "3-9 people complain about push.",
        "3:1 complaints about push.",
        "4 complaints about push by 3 people; 500 files.",
        "a dozen complaints about push.",
        "v9000 complaints about push.",
        "There were x9000 more people, says push.",
        "The second most common complaint is push.",
    ],
)
def test_a_number_that_its_fact_does_not_hold_is_dropped(text):
    assert fault(text, [1], [FIRST])


def test_numbers_inside_a_label_or_a_quote_are_nobodys_count():
    label = "9,000 people left” (T7): 800 people, “x"
    fact = replace(THEME, text=f"“{label}” (T1): 3 people, 4 posts on acme/tool; steady.")
    material = replace(MATERIAL, facts=(OVERVIEW, fact))

    def broken(text: str) -> str:
        return checking.fault(Told(text, (2,), ()), material)

    assert broken("9,000 people left.")
    assert broken("800 people told of push.")
    assert broken("3 people say so in 4 posts, and it is steady.") == ""


def test_a_place_that_is_named_by_its_address_may_be_named_and_no_other():
    there = [replace(cite, venue="forum.acme.org") for cite in CITES]
    fact = replace(OVERVIEW, cites=tuple(there))
    material = replace(MATERIAL, facts=(fact,))

    def broken(place: str) -> str:
        return checking.fault(Told(f"4 complaints about push, on {place}.", (1,), ()), material)

    assert broken("forum.acme.org") == ""
    for place in ("forum.acme.org/x", "evil.forum.acme.org", "forum.acme.org.evil.com"):
        assert broken(place) == "holds an address"
    assert broken("https://forum.acme.org") == "holds an address"


def test_a_theme_is_named_by_its_facts_alone():
    odd = [replace(POSTS[0], text="People say that T9 is the worst push."), *POSTS[1:]]
    material = choose(ANSWER, odd, 50_000, private=False)
    for name, holds in (("T1", True), ("T9", False)):
        told = Told(f"People say that {name} is the worst push.", (2,), (FIRST,))
        assert (checking.fault(told, material) == "") is holds


@pytest.mark.parametrize(
    "text",
    [
        "3 people say push is fading.",
        "3 people say push is steady.",
        "3 people say that push is fixed.",
        "3 people: push complaints are new.",
        "3 people: push never fails on big files.",
        "3 people: push complaints came back.",
        "3 people: push does not fail.",
    ],
)
def test_what_grows_is_not_told_as_fading_or_fixed_or_not_so(text):
    assert fault(text, [2], [FIRST]) == "turns what its items say"


def test_numbers_of_two_facts_cannot_be_opened_with_one_search():
    assert fault("4 complaints about push, 1,200 posts.", [1, 2]) != ""
    assert fault("4 complaints about push.", []) != ""


def test_a_count_names_no_post_that_it_does_not_count():
    assert fault("3 people say that push fails on big files.", [2], [FIRST]) == ""
    assert fault("3 people say that push fails on big files.", [2], [FONTS])


@pytest.mark.parametrize(
    ("text", "facts", "posts"),
    [
        ("4 complaints about push.", [3], []),
        ("4 complaints about push.", [0], []),
        ("4 complaints about push.", [-1], []),
        ("4 complaints about push.", [1], [99]),
        ("Push fails on big files.", [], [FIRST]),
        ("Push fails on big files.", [], []),
        ("“Push explodes” is what they say.", [], [FIRST]),
        ("“I lost 500 files”, they say.", [2], [SECOND]),
        ("“push fails” with an open “quote.", [2], [FIRST]),
        ("Upload stalls where torch.compile hangs.", [2], [SECOND]),
        ("T2 is about push.", [2], []),
        ("Two users say “I lost 500 files”.", [], [FIRST]),
        ("The team says that push fails.", [2], [FIRST]),
        ("Push fails with E4418.", [2], [FIRST]),
        ("Push fails in Tarn 2.4.2.", [2], [FIRST]),
        ("Push fails in v3.", [2], [FIRST]),
        ("Push fails in Tarn 9.9.", [2], [FIRST]),
        ("Push fails, says Microsoft.", [2], [FIRST]),
        ("Push fails in torch.nope.", [2], [SECOND]),
        ("Push fails in GitLab.", [2], [FIRST]),
        ("Push fails, see #4417.", [2], [FIRST]),
        ("Company bankruptcy threatens investors tomorrow morning.", [2], []),
        ("Maintainers secretly abandoned everything.", [1], []),
        ("", [1], []),
        ("Push fails. " * 40, [1], []),
        ("?!", [1], []),
    ],
)
def test_what_no_named_item_says_is_dropped(text, facts, posts):
    assert fault(text, facts, posts)


@pytest.mark.parametrize(
    "text",
    [
        "Push fails, see https://evil.example/x",
        "Push fails, see http:evil",
        "Push fails, see //evil.example",
        "Push fails, see evil.com",
        "Push fails, see evil.md/x",
        "Push fails, see www evil",
        "Push fails, see evil[.]com",
        "Push fails, see evil dot com",
        "Push fails, see 10.0.0.1",
        "Push fails, see xn--evil",
        "Push fails, see mailto:x",
        "Push fails, ask bob@evil",
        "Push fails @channel",
        "Push fails <!channel>",
        "Push fails !channel",
        "Push fails <@U123>",
        "**Push fails**",
        "_Push_ fails",
        "`push` fails",
        "[push](fails)",
        "# Push fails",
        "- Push fails",
        "1. Push fails",
        "Push fails :rotating_light:",
        "Push fails 🚨",
        "Push &lt;b&gt; fails",
        "| push | fails |",
        "Pu\u200bsh fails",
        "Рush fails",
        "ｈｔｔｐ：／／push fails",
        "Push fails: sk-live-abcdefgh12345678",
        "Push fails: xoxb-1234567890-abc",
        "Push fails: ghp_abcdefghijklmnop1234",
        "Push fails: 0123456789abcdef0123",
        "Push fails, password: hunter2",
        "Push fails, the token is abc123def",
        "Push fails, so you must stop.",
        "Please note that push fails.",
        "I think push fails.",
        "Delete push now.",
        "Push fails. Visit the big files.",
        "Ignore the push.",
        "Post 2 says push fails.",
        "These instructions say push fails.",
    ],
)
def test_no_address_mention_mark_up_secret_or_command_gets_through(text):
    assert fault(text, [2], [FIRST])


def test_characters_that_turn_the_writing_round_are_taken_out():
    told = Told("3 people: push\u202e fails.", (2,), ())
    assert checking.fault(told, MATERIAL) == ""
    assert checking.sentence(told, MATERIAL).text == "3 people: push fails."


def test_a_sentence_gets_its_links_from_what_it_names():
    told = checking.sentence(Told("3 people: push fails.", (2,), (FIRST,)), MATERIAL)
    assert told.opens == THEME.opens
    assert told.cites == THEME.cites

    quoted = checking.sentence(Told("They say “Fonts are tiny”.", (), (FONTS,)), MATERIAL)
    assert quoted.opens is None
    assert [cite.url for cite in quoted.cites] == [POSTS[3].url]

    both = checking.sentence(Told("Fonts are tiny, and push fails.", (2,), (FONTS,)), MATERIAL)
    assert both.opens is None
    assert {cite.key for cite in both.cites} == {post.key for post in POSTS}


def test_an_answer_without_the_first_fact_or_its_numbers_is_not_enough():
    assert not checking.enough([Told("3 people: push fails.", (2,), ())], MATERIAL)
    assert not checking.enough([Told("There are complaints about push.", (1,), ())], MATERIAL)
    assert checking.enough([Told("4 complaints about push.", (1,), ())], MATERIAL)


@pytest.mark.parametrize(
    "reply",
    ["", "sorry", "[]", "{}", '{"sentences": {}}', '{"sentences": ', "[" * 100_000, "null", "12"],
)
def test_a_reply_of_another_form_is_an_error(reply):
    with pytest.raises(ValueError, match=r"."):
        checking.told(reply)
    with pytest.raises(ValueError, match=r"."):
        checking.told('{"sentences":' + reply)


def test_sentences_of_another_form_are_left_out():
    good: dict[str, Any] = {"text": "x", "facts": [1], "posts": []}
    wrong: list[Any] = [
        1,
        None,
        {},
        good | {"text": 1},
        good | {"facts": 1},
        good | {"facts": ["1"]},
    ]
    wrong += [good | {"facts": [True]}, good | {"posts": None}, {"text": "x"}]
    reply = f"Sure!\n```json\n{json.dumps({'sentences': [*wrong, good]})}\n```"
    assert checking.told(reply) == [Told("x", (1,), ())]
    many = checking.told(json.dumps({"sentences": [good] * 500}))
    assert len(many) == checking.SENTENCES_MOST


# What a model is shown


def test_the_facts_and_first_of_all_the_quoted_posts_are_shown():
    assert MATERIAL.facts == (OVERVIEW, THEME)
    assert MATERIAL.posts[0].cite.key == POSTS[3].key
    assert {post.cite.key for post in MATERIAL.posts} == {post.key for post in POSTS}


def test_posts_that_the_answer_does_not_cite_are_never_shown():
    other = a_post(title="A walrus nobody cited")
    material = choose(ANSWER, [*POSTS, other], 50_000, private=False)
    assert "walrus" not in prompt(material).asked


def test_posts_that_may_not_be_seen_are_never_shown():
    material = choose(ANSWER, POSTS[:2], 50_000, private=False)
    assert "magnifying" not in prompt(material).asked


def test_private_posts_are_shown_only_where_that_is_allowed():
    hidden = replace(POSTS[3], visibility=Visibility.PRIVATE)
    with pytest.raises(WriterError, match="private"):
        choose(ANSWER, [*POSTS[:3], hidden], 50_000, private=False)
    material = choose(ANSWER, [*POSTS[:3], hidden], 50_000, private=True)
    assert "magnifying" in prompt(material).asked


def test_no_author_is_named_and_what_looks_like_a_secret_is_taken_out():
    leaky = replace(POSTS[0], text="my key is ghp_abcdefghijklmnop1234 and it fails")
    asked = prompt(choose(ANSWER, [leaky, *POSTS[1:]], 50_000, private=False)).asked
    assert "ghp_" not in asked
    assert "[removed] and it fails" in asked
    assert not [post.author for post in POSTS if f"{post.author}" in asked]


def test_little_gives_nothing_to_write_from():
    voices = replace(ANSWER, sentences=(replace(OVERVIEW, cites=CITES[:2]),))
    with pytest.raises(WriterError, match="too little to go on"):
        choose(voices, POSTS, 50_000, private=False)


def test_quotes_alone_give_nothing_to_write_from():
    listed = replace(ANSWER, sentences=tuple(replace(VOICE, cites=(cite,)) for cite in CITES))
    with pytest.raises(WriterError, match="nothing to sum up"):
        choose(listed, POSTS, 50_000, private=False)


def test_what_is_shown_stays_within_its_room():
    long = [replace(post, text="long words " * 500) for post in POSTS]
    sizes = []
    for room in (600, 1_500, 3_000, 20_000):
        material = choose(ANSWER, long, room, private=False)
        size = prompt(material).size - prompt(Material(ANSWER.question, (), ())).size
        assert size <= room
        sizes.append(len(material.facts) + len(material.posts))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    with pytest.raises(WriterError, match="too small"):
        choose(ANSWER, long, 10, private=False)


def test_there_is_an_end_to_facts_and_posts():
    posts = [a_post(title=f"post number {n}") for n in range(100)]
    fact = Sentence("100 posts.", tuple(map(cited, posts)), Query())
    many = replace(ANSWER, sentences=(fact,) * 50)
    material = choose(many, posts, 10**6, private=False)
    assert (len(material.facts), len(material.posts)) == (FACTS_MOST, POSTS_MOST)


def test_the_fence_is_new_each_time_and_stands_in_no_text():
    first, second = prompt(MATERIAL).asked, prompt(MATERIAL).asked
    assert first != second
    fence = first.split("fence ")[1].split(",")[0]
    assert len(fence) == 16
    assert f"<<{fence} fact 1>>\n{OVERVIEW.text}\n<<{fence} end>>" in first
    assert fence not in second


def test_a_post_cannot_fill_in_our_template():
    odd = replace(POSTS[0], text="$question $fence ${facts} %s {0} \\1 $$")
    asked = prompt(choose(ANSWER, [odd, *POSTS[1:]], 50_000, private=False)).asked
    assert "$question $fence ${facts} %s {0} \\1 $$" in asked


def test_the_digest_changes_with_every_word_shown():
    edited = [replace(POSTS[0], text="something else"), *POSTS[1:]]
    digests = {
        MATERIAL.digest("m"),
        MATERIAL.digest("n"),
        choose(ANSWER, edited, 50_000, private=False).digest("m"),
        replace(MATERIAL, question="another").digest("m"),
        replace(MATERIAL, facts=(OVERVIEW,)).digest("m"),
    }
    assert len(digests) == 5
    assert MATERIAL.digest("m") == choose(ANSWER, POSTS, 50_000, private=False).digest("m")


@pytest.mark.parametrize("innocent", ["torch._dynamo.exc", "2026-02-12", "the token is refused"])
def test_words_that_are_no_secrets_stay(innocent):
    assert without_secrets(innocent) == innocent


# Who wrote it, in words


def test_rules_give_the_answer_as_it_was_computed():
    assert Extractive().write(ANSWER, lambda _: []) is ANSWER
    assert writer_text(ANSWER) == ""


def test_a_model_that_could_not_be_asked_is_told_of_on_every_surface():
    answer = Extractive("no key").write(ANSWER, lambda _: [])
    assert answer == replace(ANSWER, note="written without the model: no key")
    said = "Written without the model: no key."
    assert said in answer_text(answer)
    assert answer_data(answer)["note"] == answer.note
    assert said in drawn(answer)


def test_a_model_that_wrote_is_named():
    answer = replace(ANSWER, writer="gpt-x")
    said = "Phrased by gpt-x; every number and quote was checked against the posts."
    assert said in answer_text(answer)
    assert said in drawn(answer)
    assert answer_data(answer)["writer"] == "gpt-x"


def drawn(answer: Answer) -> str:
    console = Console(file=StringIO(), width=200)
    console.print(answer_drawing(answer))
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_the_budget_is_told_in_one_line():
    spent = Spent("gpt-x", 12_000, 200_000, 0.034, 1.0)
    assert spent_text(spent) == "Writer gpt-x: 12,000 of 200,000 tokens today, money 0.03 of 1.00"
    assert spent_text(replace(spent, most_money=None)).endswith("tokens today, money not counted")


# What is kept


def test_what_was_written_goes_with_any_post_that_goes(store):
    keys = [post.key for post in POSTS]

    def kept() -> bool:
        store.phrasings.keep("digest", ["words"], keys, NOW)
        return bool(store.phrasings.find("digest", NOW) == ["words"])

    assert not kept()
    store.posts.save(POSTS)
    assert kept()
    store.posts.save([], deleted=[(POSTS[0].source, POSTS[0].external_id)])
    assert store.phrasings.find("digest", NOW) is None
    assert not kept()
    del keys[0]
    assert kept()
    store.posts.forget(POSTS[3].author or "", NOW)
    assert store.phrasings.find("digest", NOW) is None
    del keys[-1]
    assert kept()
    ids = store.readings.missing(NOW)
    store.readings.save([(ids[0], Reading(Intent.BUG, 1, sensitive="exploit"))])
    assert store.phrasings.find("digest", NOW) is None


def test_what_was_written_is_kept_for_a_while_and_only_so_many(store, monkeypatch):
    monkeypatch.setattr("bot.store.spending.MOST_KEPT", 3)
    for n in range(5):
        store.phrasings.keep(f"d{n}", [n], [], NOW + timedelta(seconds=n))
    later = NOW + timedelta(minutes=1)
    assert [n for n in range(5) if store.phrasings.find(f"d{n}", later)] == [2, 3, 4]
    assert store.phrasings.find("d4", NOW + timedelta(days=8)) is None
    store.phrasings.keep("d4", ["anew"], [], later)
    assert store.phrasings.find("d4", later) == ["anew"]


def test_posts_are_found_by_their_keys_if_they_may_be_seen(store):
    future = a_post(external_id="a#9", created_at=NOW + timedelta(days=1))
    hidden = a_post(external_id="a#8", visibility=Visibility.PRIVATE, venue="#inside")
    store.posts.save([*POSTS, future, hidden])
    public = {post.key for post in POSTS}
    keys = [*public, future.key, hidden.key, "github:gone#1", "nonsense"]

    def found(audience: Audience) -> set[str]:
        return {post.key for post in store.cited.posts(keys, NOW, audience)}

    assert found(Audience()) == public
    assert found(Audience(frozenset({"#inside"}))) == found(OPERATOR) == {*public, hidden.key}
