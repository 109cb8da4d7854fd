"""A stand-in for vLLM's server, run as vLLM would be: it answers at once, or fails in the way that it is told to."""

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FLAGS = sys.argv[1:]
KEY = os.environ.get("VLLM_API_KEY")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        allowed = KEY is None or self.path == "/health" or self.headers["Authorization"] == f"Bearer {KEY}"
        allowed = allowed and not (self.path == "/v1/models" and "--refuse" in FLAGS)
        names = FLAGS[FLAGS.index("--served-model-name") + 1 : FLAGS.index("--host")]
        body = json.dumps({"data": [{"id": name} for name in names]}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/die":
            print("OutOfMemoryError: the last passage was too much", flush=True)
            os._exit(7)


def main() -> None:
    """Serves until it is stopped."""
    if "--die" in FLAGS:
        print("INFO 11-21 12:13:49 [api.py:335] loading weights", flush=True)
        print("ERROR 11-21 12:13:49 [core.py:842] ValueError: no weights in this folder", flush=True)
        sys.exit(1)
    # the engine, which does not end with the server
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    if "--hang" in FLAGS:
        print("loading for ever", flush=True)
        time.sleep(600)
    port = int(FLAGS[FLAGS.index("--port") + 1])
    ThreadingHTTPServer((FLAGS[FLAGS.index("--host") + 1], port), _Handler).serve_forever()


if __name__ == "__main__":
    main()
