"""Posts that nobody wrote: sentences of our own with slots, to train the general head on.

No public set of labelled issues that we know grants the right to ship what is learnt from it, so
the general head learns from these instead. They are not real posts and none was copied.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

SLOTS = {
    "thing": """the dashboard|the editor|the command line|the installer|the mobile app|the plugin
        |the sync|the export|the search|the API client|the scheduler|the login page|the wallet
        |the renderer|the compiler|the debugger|the tokenizer|the chart view|the notebook
        |the terminal|the autocomplete|the file picker|the settings page|the worker|the cache
        |the docker image|the web socket|the camera module|the training loop|the optimizer
        |the query runner|the parser|the theme|the side bar|the context menu|the upload
        |the video decoder|the test runner|the billing page|the chat window|the CLI|the daemon""",
    "part": """keyboard shortcuts|dark mode|nested folders|time zones|large files|unicode names
        |CSV files|two-factor login|proxies|SSH keys|the free plan|tabs|custom fonts|hooks|events
        |webhooks|the new layout|parallel jobs|GPU memory|sparse matrices|block validation
        |image masks|environment variables|streaming|batch requests|Python 3.12|Windows 11
        |Apple silicon|ARM builds|nullable columns|multiple accounts|drag and drop|refs|props
        |read-only mode|model weights|rate limits|long sessions|scroll bars|popups
    |markdown tables""",
    "act": """save a file|open a project|log in|run a query|upload an image|switch branches
        |resize the window|import a module|paste a long text|start the server|load a model
        |export to PDF|refresh the page|restart the service|call the function twice
        |compile with optimisation|send a transaction|rename a folder|render a list|train a network
        |connect over a proxy|install the package|build from source|change the theme|add a user""",
    "new": """an option to hide {part}|a way to sort by date|support for {part}|a flag for {part}
        |an API for {part}|a button to copy the link|a setting for the default folder
        |offline mode|a keyboard shortcut for this|a plugin system|a dry run|filters for {part}
        |a progress bar|bulk editing|a config file|an index by name|configurable timeouts""",
    "error": """TypeError: x is not a function|segmentation fault|KeyError: 'id'|exit code 1
        |a blank page|HTTP 500|a null pointer|an assertion failure|undefined symbol|NaN
        |permission denied|connection refused|an endless spinner|out of memory|a stack overflow
        |ImportError|a wrong shape|an invalid argument error|a deadlock|an unhandled exception""",
    "tool": """Lumo|Kestra CLI|Fernlight|Brickyard|Pelican Studio|OpenSlate|Torva|Quillbase
        |Nimbus Kit|Harrow|Mossgrid|Tidewater|this tool|this library|the app|the product""",
    "other": """the previous version|the competitor|a spreadsheet|plain SQL|the old one|Vim
        |another framework|bash scripts|a local model|the web version|my own script""",
    "ver": "2.1|3.0.4|1.8|0.9.2|v12|4.7|10.3.1|the latest release|the nightly build|master",
    "time": "yesterday|last week|the update|this morning|version {ver}|the migration|two days",
    "plat": "Windows|macOS|Ubuntu 22.04|Android|iOS|Firefox|Safari|Docker|WSL|a Raspberry Pi",
}

BUG = (
    """{thing} crashes when I {act}|{thing} does not {part} after {time}|Cannot {act}: {error}
    |{error} when trying to {act}|{thing} fails with {error} on {plat}|{part} broken since {time}
    |{thing} shows the wrong result for {part}|{thing} hangs forever on {plat}
    |Regression: {part} no longer work in {ver}|Unexpected {error} in {thing}
    |{part} are ignored by {thing}|{thing} leaks memory when I {act}|{error} in {thing}
    |{thing} is stuck after {time}|{thing} stops responding if you {act}|Wrong order of {part}
    |Memory leak in {thing}|Incorrect handling of {part}|{part} disappear when I {act}
    |{thing} loses {part} on restart|Build fails on {plat}: {error}|{thing} freezes with {part}
    |{part} not working on {plat}|{thing} returns {error} instead of a list
    |Duplicate entries in {thing} after I {act}|Race condition in {thing}|Infinite loop in {thing}
    |{thing} flickers when I {act}|Test for {part} fails on {plat}|{thing} ignores {part}
    |{thing} resets {part} every time|Typing in {thing} inserts characters twice
    |{thing} gives different results on {plat}|Compile error with {ver}|{thing} deleted my files
    |Anyone else getting {error}?|{thing} is broken again|Is {tool} down?|{thing} keeps failing""",
    """Steps to reproduce: 1. Open {thing} 2. {act} 3. See {error}. Expected: it works. Actual:
    {error}.
    |After {time} I get {error} every time I {act}. It worked in {ver}. Happens on {plat} too.
    |When I {act}, {thing} shows {error}. I expected it to finish. Version {ver}, {plat}.
    |Describe the bug: {thing} fails. To reproduce: {act}. Traceback (most recent call last):
    {error}
    |Current behaviour: {error}. Expected behaviour: {part} are kept. This is a regression from
    {ver}.
    |I found that {thing} does not check {part}, so the value is wrong. Here is a minimal example.
    |The log says {error}. Restarting does not help. System: {plat}, {ver}.
    |Since {time} this no longer works. Same on {plat}. No error in the log.
    |The function returns the wrong value if {part} are used. See the code below. Output: {error}
    |""",
)
REQUEST = (
    """Add {new}|Support {part} in {thing}|Feature request: {new}|Allow {part} in {thing}
    |It would be nice to have {new}|Please add {new}|Make {thing} configurable|Provide {new}
    |Option to disable {part}|Ability to {act} from {thing}|Expose {part} in the API
    |Implement {part}|Suggestion: {new}|Proposal: {part} for {thing}|Allow users to {act}
    |{thing} should support {part}|Improve {part} in {thing}|I wish {tool} had {new}
    |Consider {new}|Could we have {new}?|Let me choose where to {act}|Enable {part} by default
    |Introduce {new}|Remove the limit on {part}|Extend {thing} with {part}|Better {part}
    |New operator for {part}|Would love {new}|Idea: {new}|[RFC] {new}|Show {part} in {thing}
    |Add a method to {act}|Add a {part} parameter|Drop the dependency on {thing}
    |Use {part} for {thing}
    |Port {thing} to {plat}|Publish builds for {plat}|Request: {new}|Add bindings for {part}""",
    """Is your feature request related to a problem? Yes, today I have to {act} by hand. It would
    be great to have {new}.
    |It would be useful if {thing} could {act}. Other tools such as {other} already do this.
    |Currently there is no way to {act}. I propose {new}. Alternatives: a plugin, but that is slow.
    |Motivation: many people {act}. Proposed solution: {new}. I am happy to send a pull request.
    |Use case: we {act} hundreds of times a day and would like {new}.
    |At the moment {thing} has no {part}. Adding them would make it easier to {act}.
    |This would help users on {plat}. Who will benefit: everybody who needs {part}.
    |I would like to be able to {act} without leaving {thing}. Please consider {new}.
    |We should add {part} so that it is possible to {act}. Would it change the current API? No.|""",
)
QUESTION = (
    """How do I {act}?|How to {act} with {part}?|Is it possible to {act} on {plat}?
    |What is the best way to {act}?|Why does {thing} need {part}?|Does {tool} support {part}?
    |Can I use {part} with {thing}?|Where are {part} stored?|Question about {part}
    |Help with {part}|Need help to {act}|Is there a way to {act}?|How can I get {part}?
    |What is the difference between {part} and {part}?|Anyone using {tool} with {part}?
    |Which version works on {plat}?|Should I use {thing} or {other}?|How does {thing} handle {part}?
    |Trying to {act}, what am I doing wrong?|{error} - how to fix?|Can someone explain {part}?
    |When will {part} be released?|Any tips for {part}?|I don't understand {part}
    |What does this message mean: {error}|How to build {thing} for {plat}|Confused about {part}
    |Do I need {part} to {act}?|Unable to {act}, please help|What am I missing with {part}?
    |Is {thing} meant to {act}?|Documentation for {part}?|How to install on {plat}
    |Beginner question: {part}|Newbie needs help with {thing}|Is this expected: {part}?""",
    """Hi all, I am new to {tool} and trying to {act}. Could anyone tell me how? Thanks in advance.
    |I read the documentation but could not find how to {act}. Is there an example?
    |I want to {act}, but I am not sure which option to use. Any help is appreciated.
    |I have installed {ver} on {plat}. What should I do to {act}? Here is my code.
    |My code is below. I get {error}. What am I doing wrong? Thank you.
    |Is this intended or did I misunderstand something? Can someone point me in the right direction?
    |I was wondering whether {thing} can {act}. Has anyone done this?
    |Hello, I followed the tutorial and it does not do what I thought. How do you {act}? Thanks!
    |Just curious how others {act}. What do you use?|""",
)
PRAISE = (
    """I love {thing}|{tool} is amazing|Thank you for {part}|{part} in {tool} are a game changer
    |{tool} just saved me hours|Kudos to the team for {ver}|Great work on {thing}
    |Best tool I have used for years|{thing} is so good now|Blown away by {part}
    |Switched from {other} to {tool} and I am never going back|Appreciation post for {tool}
    |{tool} {ver} is fantastic|Really impressed with {part}|Finally, {part} work like a charm
    |{tool} is the best thing since {other}|Just wanted to say thanks|Well done on {ver}
    |{thing} is a joy to use|Huge thanks to the maintainers|{part} are brilliant
    |Hats off to the developers|My favourite feature: {part}|So happy with {tool}
    |This is awesome|It works perfectly, thank you|Wow, {thing} is fast|Love the new {thing}""",
    """I just wanted to say how much I enjoy it. Keep up the good work!
    |It helped me {act} in minutes, which used to take a day. Thank you all.
    |Honestly the best experience I have had. Everything just works.
    |Thanks, that solved it! Great support.|The new release is excellent, very happy.|""",
)
DISCUSSION = (
    """{tool} vs {other}|Thoughts on {part}?|My experience with {tool} after {time}
    |The future of {tool}|What are you all building with {tool}?|Unpopular opinion about {part}
    |How I use {tool} to {act}|A deep dive into {thing}|Lessons learnt from {tool}
    |My workflow for {part}|Why we moved from {other} to {tool}|Let us talk about {part}
    |Comparing {tool} and {other} on {part}|Tips for {part}|A guide to {part}|{tool} and {other}
    |I tested {tool} against {other}|Interesting conversation about {part}|Poll: {part} or {part}
    |The case for {part}|Rethinking {thing}|What {tool} taught me about {part}
    |Understanding {thing}|Some notes on {part}|Is {tool} worth it in the long run?
    |I asked {tool} to {act}|{other} is catching up|{part} explained|Workaround for {part}""",
    """I have been using both for a while and here is what I found. Curious what others think.
    |In this post I explain how {thing} works and why {part} matter.
    |There are good points on both sides. What is your view?
    |This is how I set it up: first {act}, then look at {part}. It may help someone.
    |I think it depends on what you do. In our team some prefer {other}.
    |Agreed, but you can also {act} and then change {part}.|You need to {act} first; see {part}.
    |""",
)
ANNOUNCEMENT = (
    """{tool} {ver} released|Announcing {tool} {ver}|Release notes for {ver}|{tool} {ver} is out
    |Introducing {thing} for {plat}|Show HN: {tool}, a tool to {act}|I built a tool to {act}
    |We are launching {part} today|New in {ver}: {part}|Changelog {ver}|{tool} now supports {part}
    |I made an extension for {part}|Open-sourcing {tool}|{tool} is now available on {plat}
    |Launch: {part} for {tool}|{tool} is joining a foundation|Scheduled maintenance on {thing}
    |Release {ver}|Security advisory for {thing}|{part} are now generally available
    |I created a plugin for {part}|{tool} raises prices|{tool} acquires Harrow|We are hiring
    |Beta of {thing} opens today|End of life for {ver}|My side project: {tool} for {part}""",
    """We are happy to announce the release of {ver}. It brings {part} and fixes {part}. Download
    it today.
    |I have been working on this for months. It lets you {act}. Feedback is welcome, the source is
    on GitHub.
    |Today we are rolling out {part} to all users. Read more on our blog.
    |Highlights: {part}, {part}, many fixes. Full list of changes below.
    |Built it over the week-end to {act}. Try it and tell me what you think.|""",
)
SPAM = (
    """Buy cheap followers now|Earn $500 a day from home|Best casino bonus 2026
    |Cheap essay writing service|Call customer support number +1 800 555 0100|Win a free phone today
    |Limited offer: 70% off promo code|Hot singles near you|Loan approved in 5 minutes
    |Download cracked {tool} full version free|SEO backlinks cheap and fast
    |Crypto signals guaranteed
    |WhatsApp me for investment|Get instant referral bonus with my code|Escort service
    |Weight loss pills discount|Online betting tips|Recover your lost bitcoin hire a hacker
    |Free gift cards generator|Replica watches best price|Sell your account fast cash""",
    """Click here to claim your bonus. Limited time only. Guaranteed profit, no risk!
    |Contact us on Telegram or WhatsApp for the best price. Visit our website now.
    |Use my referral code to get 50% discount. Sign up today!!!|Call now, toll free, 24/7.|""",
)
TROUBLE = (
    """||||Anyone else having trouble with {part}?|{thing} acting up again|{part} broken?
    |{tool} so slow today|Constant {error}|{thing} unusable since {time}
    |Hitting the limit all the time
    |Something is wrong with {thing}|Facing {error} in {thing}|{part} gone?|Not able to {act}
    |Cannot get {thing} to {act}|{thing} not working|{part} issue|Problem with {part}""",
    """I have the same issue.|Same problem here, {plat}, {ver}.|I am seeing this too since {time}.
    |Same error.|Also happened to me when I {act}.|Me too, very annoying.|+1, still broken in {ver}.
    |I can confirm this on {plat}. It shows {error}.|Still getting {error} after {time}.
    |Any update on this? It still does not work for us.|I tried that but I still get {error}.
    |Unfortunately that did not help, {thing} still fails.|Experiencing this bug as well on {ver}.
    |We run into {error} whenever we {act}. Any idea?
    |I have done everything in the guide but cannot {act}.
    |Yes, we tried that as well, the results are still wrong.|It worked before {time}, now {error}.
    |Here is what I get: {error}. {plat}, {ver}.|Does anybody know why I am getting {error}?""",
)
RANT = (
    """{tool} has become so dumb|I am done with {tool}|Cancelled my subscription|{tool} is a joke
    |The limits are ridiculous|Disappointed with {tool}|What happened to {tool}?|{thing} is awful
    |I hate {thing}|Why is {tool} getting worse?|{tool} is a waste of money|This is insane
    |{tool} wasted my whole day|Support does not answer|They removed {part} without a word
    |Fed up with {part}|{tool} has no idea what it is doing|Paying customers are treated badly
    |{part} are a mess|I miss the old {thing}|{other} is so much better than {tool} now
    |Stop changing {part}|{tool} keeps ignoring what I say|Who thought {part} were a good idea?
    |Is it me or has {tool} become worse?|{tool} refuses to {act}|{tool} lost all my work
    |Terrible experience with {tool}|{tool} is too expensive for what it does
    |Limit reached after one message""",
    """||||I pay every month and cannot even {act}. This is unacceptable.
    |It used to be great, now it is useless. I want a refund.|So frustrating. Hours lost again.
    |Every single time I {act} it goes wrong. I am switching to {other}.
    |Nobody tests this, it seems.""",
)
GRUMBLE = (
    """Why does {thing} keep resetting {part}?|Why is {thing} so slow?
    |Why do I have to {act} every time?
    |Is anyone else losing {part}?|Why can I not {act} any more?|Why was {part} removed?
    |Does {thing} constantly forget {part}?|How do I stop {thing} from breaking {part}?
    |Is {thing} down for anyone else?|Am I the only one who gets {error}?|Why so many {part}?
    |What is wrong with {thing}?|Has {tool} become worse or is it me?
    |Why am I charged for {part}?""",
    """||It did not do that before {time}.|This is getting annoying.|It happens every other day.""",
)
LACK = (
    """{part} are hard to find|No way to {act}|{thing} should not lose {part}
    |Stop {thing} from stealing focus
    |Please bring back {part}|Missing {part} make {thing} painful|Let us turn off {part}""",
    """It is very annoying that I cannot {act}. Please add {new}.
    |We lose hours because {thing} has no {part}. This is a real problem for us.
    |Right now it is verbose and error-prone to {act}. I would like {new}.""",
)
REPLY = (
    """|||""",
    """You need to {act} first, then set {part}.
    |Which version are you running? Can you share the log?
    |Duplicate of #123|Duplicate of #4567.|Closing, this was fixed in {ver}.
    |See the documentation here: https://docs.example.org
    |Try to {act} and then restart {thing}.|Have you checked {part}?|What do you mean by that?
    |Yes, that is right.|I think you can use {part} for that.|A pull request is welcome.
    |The value is cached, so you have to refresh it.
    |It depends on {part}. In most cases {thing} is enough.
    |This is not supported yet, it is being worked on.|Can you elaborate?|Fix submitted in #981.
    |Sure, here it is.|I managed to do it: {act}, then add {part}. It now works.
    |This was opened by mistake, sorry for the noise.
    |Welcome to the forum. You can {act} in the settings.
    |This issue was marked as stale because nothing happened.
    |Related to #222, the cause is the same.
    |I figured it out: {part} were not set.|The error means that {part} are missing on your side.
    |There could be many causes: {part}, {part}, or the cache.|It works for me on {plat}.
    |I opened a pull request that changes {thing}.|Workaround: {act} by hand.|Any news?
    |Did you find how to {act}?""",
)
SENTENCES: tuple[tuple[str, bool, tuple[str, str]], ...] = (
    ("bug", True, BUG),
    ("bug", True, TROUBLE),
    ("request", False, REQUEST),
    ("request", True, LACK),
    ("question", False, QUESTION),
    ("question", True, GRUMBLE),
    ("praise", False, PRAISE),
    ("discussion", False, DISCUSSION),
    ("discussion", False, REPLY),
    ("discussion", True, RANT),
    ("announcement", False, ANNOUNCEMENT),
    ("spam", False, SPAM),
)
"""What each group of sentences is, whether it hurts its author, and titles and bodies for it."""


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented post and what its sentences were written for."""

    title: str
    text: str
    kind: str
    complaint: bool


def invented(each: int, seed: int) -> list[Invented]:
    """`each` invented posts for every group: the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 no cryptography
    return [
        Invented(_filled(titles, chance), _filled(bodies, chance), kind, hurts)
        for kind, hurts, (titles, bodies) in SENTENCES
        for _ in range(each)
    ]


def _filled(choices: str, chance: random.Random) -> str:
    """One of the sentences, its slots filled with one of their words each."""
    text = chance.choice([" ".join(choice.split()) for choice in choices.split("|")])
    while slot := re.search(r"\{(\w+)\}", text):
        words = " ".join(SLOTS[slot[1]].split()).split("|")
        text = text[: slot.start()] + chance.choice(words).strip() + text[slot.end() :]
    return text[:1].upper() + text[1:]
