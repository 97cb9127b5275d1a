"""The forms behind Home's buttons: when I am told what, what is read, and how the bot is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.deliveries import Asks, Message, Style, Subscription
from bot.slack import kit
from bot.slack.packing import Item, pack
from bot.slack.views import Held, View, choice, field, modal, one_of, written_in

RETIME_FORM, ADD_FORM, SETTINGS_FORM, KIND_CHOSEN, TAKE_BACK = (
    "home_change_form",
    "home_add_form",
    "home_settings_form",
    "kind_in",
    "configuration_undo",
)
"""What the forms are called, the list of kinds, and the button that takes a change back."""

WHEN, ZONE, STYLE, WORDS, KIND, WHAT, NAME = (
    "when",
    "zone",
    "style",
    "words",
    "kind",
    "what",
    "name",
)
"""The fields."""

LONGEST, ZONE_LONGEST, WORDS_LONGEST = 400, 64, 3_000
"""Characters of what is added, of a zone, and of what is asked."""

STYLES = {
    Style.FULL: "In full",
    Style.SHORT: "A line a theme",
    Style.CHANGES: "Only when something moved",
}


def retime_form(its: Subscription, carries: Held) -> View:
    """When a subscription tells what."""
    digest = its.asks is Asks.DIGEST
    at_once = its.asks in {Asks.BURSTS, Asks.WATCH}
    fields = []
    if not at_once:
        when = written_in(its.cadence, most=128)
        hint = "daily 09:00, weekdays 09:00, weekly mon 09:00, monthly 1 09:00, cron 0 9 * * 1-5"
        fields += [
            field(WHEN, "When", when, hint=hint),
            field(ZONE, "By the clock of", written_in(its.zone, most=ZONE_LONGEST)),
        ]
    if digest:
        styles = [choice(text, style.value) for style, text in STYLES.items()]
        fields.append(field(STYLE, "How much", one_of(styles, its.style.value)))
    words = written_in(its.words, most=WORDS_LONGEST, placeholder="kind:complaint source:reddit")
    label = "The question" if its.asks is Asks.QUESTION else "Of what"
    fields.append(field(WORDS, label, words, optional=its.asks in {Asks.DIGEST, Asks.BURSTS}))
    title = f"Subscription #{its.id}"
    return modal(title, fields, submit="Change", callback=RETIME_FORM, carries=carries)


def add_form(
    kinds: Sequence[tuple[str, str]], chosen: str, example: str, named: str, carries: Held
) -> View:
    """What is to be read: `kinds` by their names and titles, one of them chosen."""
    choices = [choice(title, name) for name, title in kinds]
    what = field(WHAT, "Which", written_in(most=LONGEST, placeholder=example))
    name = [field(NAME, named, written_in(most=LONGEST), optional=True)] if named else []
    blocks = [
        field(KIND, "What is it?", one_of(choices, chosen), tells=True),
        what,
        *name,
        kit.context("What needs a secret or costs money is named in groundswell.toml alone."),
    ]
    return modal("Add a source", blocks, submit="Add", callback=ADD_FORM, carries=carries)


def settings_form(
    settable: Sequence[tuple[str, str, str, str]], filed: Mapping[str, str], carries: Held
) -> View:
    """What can be set: name, label, value and hint of each. What the file names is only shown."""
    blocks = [
        field(name, label, written_in(value, most=ZONE_LONGEST), hint=hint, optional=True)
        for name, label, value, hint in settable
        if name not in filed
    ]
    blocks += [
        kit.section(f"{label}: {filed[name] or 'not set'}, as groundswell.toml says")
        for name, label, _, _ in settable
        if name in filed
    ]
    submit = "Save" if any(name not in filed for name, *_ in settable) else ""
    return modal("Settings", blocks, submit=submit, callback=SETTINGS_FORM, carries=carries)


def done(text: str, change: int) -> Sequence[Message]:
    """What was set, and a button that takes it back."""
    undo = kit.actions(kit.button("Undo", TAKE_BACK, str(change)))
    return pack(text, [Item((kit.rich(kit.words(text)), undo))])
