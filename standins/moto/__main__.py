"""Serve AWS by moto on a free loopback port until standard input closes.

The first line printed is the endpoint. Whoever started this process holds the other end of its
standard input: when they are gone, however they went, so is the server.
"""

import logging
import sys

from moto.server import ThreadedMotoServer

from standins.moto.corrections import correct_moto


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    correct_moto()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
