"""The one module that knows openai: https://platform.openai.com/docs/api-reference/chat .

Loaded only where a model is configured: the library takes longer to import than a query takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpcore2
import httpx2
import openai

from bot import __version__
from bot.answers import retry_after
from bot.errors import SourceError
from bot.guard import within
from bot.http import guarded_transport
from bot.writing.prompting import SCHEMA
from bot.writing.replies import Prompt, Reply, WriterError

CONNECT_S = 5.0
FIRST_SHARE, NEXT_SHARE = 2 / 3, 1 / 3
"""Of the time for a whole reply: how long its first word, and any other, may let us wait."""

REST_S = 60.0
"""For how long a server that did not answer, or named no time, is left alone."""

CHARACTERS_MOST = 50_000
"""Of a reply, and of events that say nothing: a server that goes on has lost its way."""

_OURS = ("host", "content-type", "content-length", "accept", "connection", "transfer-encoding")
_REFUSED_FORM = {400, 415, 422, 501}
"""What servers answer to a request with parts that they do not know."""

_GARBLED = (TypeError, AttributeError, KeyError, IndexError, ValueError)
"""What the library raises over events that are JSON of another form."""


class OneSite(httpx2.BaseTransport):
    """Carries requests to one address alone, with no header but what it takes to ask.

    The library would add those that the environment names, and tells of this machine.
    """

    def __init__(self, base_url: str, key: str | None) -> None:
        self._base = httpx2.URL(base_url.rstrip("/") + "/")
        self._key = key
        # The operator names the address, so it may be a private one.
        self._inner = guarded_transport(frozenset({self._base.host}))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it on. Raises SourceError if it is for another address."""
        url = request.url
        same = (url.scheme, url.host, url.port) == (
            self._base.scheme,
            self._base.host,
            self._base.port,
        )
        if not same or not url.path.startswith(self._base.path):
            raise SourceError("only the model's own address is asked", permanent=True)
        headers = {k: v for k, v in request.headers.items() if k.lower() in _OURS}
        headers |= {"User-Agent": f"Groundswell/{__version__}", "Accept-Encoding": "identity"}
        headers |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        request.headers = httpx2.Headers(headers)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close every connection."""
        self._inner.close()


@dataclass(slots=True)
class OpenAIModel:
    """A model behind the chat completions API of any server that speaks it."""

    name: str
    base_url: str
    key: str | None = field(repr=False)
    timeout_s: float
    plain: bool = False
    """Whether the server refused structured outputs: then the prompt alone asks for JSON."""

    def reply(self, prompt: Prompt, most_tokens: int) -> Reply:
        """A whole reply, read as it is streamed. Raises WriterError."""
        end = time.monotonic() + self.timeout_s
        try:
            return self._asked(prompt, most_tokens, end)
        except openai.BadRequestError as error:
            if _too_long(error) or self.plain:
                raise self._told(error) from error
        except openai.APIStatusError as error:
            if error.status_code not in _REFUSED_FORM or self.plain:
                raise self._told(error) from error
        try:
            reply = self._asked(prompt, most_tokens, end, plain=True)
        except openai.APIStatusError as error:
            raise self._told(error) from error
        self.plain = True
        return reply

    def _asked(self, prompt: Prompt, most_tokens: int, end: float, *, plain: bool = False) -> Reply:
        """Ask once. Raises WriterError, and APIStatusError for a refusal."""
        asked = self._request(prompt, most_tokens, plain=plain or self.plain)
        with closing(self._client()) as client:
            try:
                return self._without_key(_joined(self._events(client, asked, end)))
            except openai.APIStatusError:
                raise
            except (openai.APITimeoutError, httpx2.TimeoutException) as error:
                raise WriterError("timed out", billed=True, rest_s=REST_S) from error
            except (openai.APIConnectionError, httpx2.TransportError) as error:
                raise _unreached(error) from error
            except openai.OpenAIError as error:
                raise WriterError("it failed while it answered", billed=True) from error
            except _GARBLED as error:
                raise WriterError("answered nonsense", billed=True) from error

    def _without_key(self, reply: Reply) -> Reply:
        """The server knows our key: nobody else shall be told it."""
        if self.key and self.key in reply.text:
            raise WriterError("answered nonsense", billed=True)
        return reply

    def _client(self) -> openai.OpenAI:
        """A client that takes nothing from the environment."""
        # The SDK wants some key and reads the environment's if it is given none.
        client = openai.OpenAI(
            api_key=self.key or "none",
            base_url=self.base_url,
            max_retries=0,
            timeout=httpx2.Timeout(self.timeout_s, connect=CONNECT_S),
            http_client=httpx2.Client(
                transport=OneSite(self.base_url, self.key),
                follow_redirects=False,
                trust_env=False,
            ),
        )
        client.organization = client.project = None
        return client

    def _events(
        self, client: openai.OpenAI, asked: dict[str, Any], end: float
    ) -> Iterator[Mapping[str, Any]]:
        """The events of the stream as plain values; no wait is longer than it may be."""
        with within(_until(end, self.timeout_s * FIRST_SHARE)):
            stream = client.chat.completions.create(**asked)
            event = next(stream, None)
        with closing(stream):
            while event is not None:
                yield event.to_dict(warnings=False)
                with within(_until(end, self.timeout_s * NEXT_SHARE)):
                    event = next(stream, None)

    def _request(self, prompt: Prompt, most_tokens: int, *, plain: bool) -> dict[str, Any]:
        messages = [
            {"role": "system", "content": prompt.rules},
            {"role": "user", "content": prompt.asked},
        ]
        asked: dict[str, Any] = {"model": self.name, "messages": messages, "stream": True}
        if httpx2.URL(self.base_url).host.endswith("openai.com"):
            # There the older name is refused by the newer models, and so is a temperature.
            asked["max_completion_tokens"] = most_tokens
        else:
            asked |= {"max_tokens": most_tokens, "temperature": 0}
        if not plain:
            form = {"name": "answer", "strict": True, "schema": SCHEMA}
            asked["response_format"] = {"type": "json_schema", "json_schema": form}
            asked["stream_options"] = {"include_usage": True}
        return asked

    def _told(self, error: openai.APIStatusError) -> WriterError:
        """A refusal in our words: those of the server are nobody's to trust."""
        status = error.status_code
        if _too_long(error):
            return WriterError("too long for the model")
        if status == 429:  # noqa: PLR2004 the status's name says less than what we tell of it
            after = retry_after(error.response.headers.get("retry-after"))
            return WriterError("rate limited", rest_s=REST_S if after is None else after)
        if status in {401, 403}:
            return WriterError("its key was refused; correct OPENAI_API_KEY", rest_s=REST_S)
        if status == 404:  # noqa: PLR2004 see above
            return WriterError("no such model or address; see [writer] in groundswell.toml")
        return WriterError(f"the server answered {status}", rest_s=REST_S if status >= 500 else 0)  # noqa: PLR2004 a fault of the server's


def _joined(events: Iterator[Mapping[str, Any]]) -> Reply:
    """The reply that events make together. Raises WriterError if it is not whole."""
    text, end, usage = "", None, None
    for seen, event in enumerate(events):
        usage = event.get("usage") or usage
        for choice in (event.get("choices") or [])[:1]:
            text += (choice.get("delta") or {}).get("content") or ""
            end = choice.get("finish_reason") or end
        if len(text) + seen > CHARACTERS_MOST:
            raise WriterError("answered nonsense", billed=True)
    if end == "length":
        raise WriterError("it ran out of tokens", billed=True)
    if end is None:
        raise WriterError("its answer broke off", billed=True)
    if end != "stop":
        raise WriterError("it refused", billed=True)
    tokens_in, tokens_out = _usage(usage)
    return Reply(text, tokens_in, tokens_out)


def _usage(usage: Mapping[str, Any] | None) -> tuple[int | None, int | None]:
    """The tokens as the server counted them; None unless both are sound."""
    counts = [(usage or {}).get(name) for name in ("prompt_tokens", "completion_tokens")]
    if any(type(count) is not int or not 0 < count < 10**8 for count in counts):
        return None, None
    return counts[0], counts[1]


def _until(end: float, most: float) -> float:
    """Seconds until the end, but at most so many."""
    return min(end - time.monotonic(), most)


def _too_long(error: openai.APIStatusError) -> bool:
    """Whether a refusal says that the prompt does not fit: each server has words of its own."""
    if error.status_code not in {400, 413, 422}:
        return False
    said = f"{error.code} {error.message} {error.body}".lower()
    return error.status_code == 413 or (  # noqa: PLR2004 "content too large"
        "context" in said and any(w in said for w in ("length", "exceed", "size", "window"))
    )


def _unreached(error: Exception) -> WriterError:
    """That it was not reached, or broke off: then it may have worked, and costs something."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    never = (httpx2.ConnectError, httpcore2.ConnectError, SourceError, httpx2.UnsupportedProtocol)
    if any(isinstance(one, never) for one in causes):
        return WriterError("it could not be reached", rest_s=REST_S)
    return WriterError("its answer broke off", billed=True)
