"""A small real language model behind the OpenAI API on loopback, until it is ended.

    python tests/services/serve_model.py WEIGHTS.gguf PORT CONTEXT

Runs in an environment of its own, which has `xllamacpp`; nothing here imports it.
"""

from __future__ import annotations

import sys
import threading

import xllamacpp


def main() -> None:
    weights, port, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = weights, {"local"}
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_parallel = context, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
