"""The tea shop: static pages, texts in two languages and a list of teas, on port 8080."""

import json
import mimetypes
import os
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).parent
# Built once: what is not in here cannot be asked for, whatever the path says.
PAGES = {f"/{page.relative_to(HERE / 'web')}": page for page in (HERE / "web").rglob("*") if page.is_file()}
TEXTS = {file.stem: json.loads(file.read_text("utf-8")) for file in (HERE / "locales").glob("*.json")}
SAMPLE_TEAS = [{"name": "Sample tea", "price_cents": 100}]


@dataclass(frozen=True)
class Answer:
    """What goes back to the browser."""

    status: HTTPStatus
    content_type: str
    body: bytes
    cache_control: str = "no-cache"


def answer(target: str, database_url: str) -> Answer:
    """Answer a GET request."""
    url = urlsplit(target)
    match url.path:
        case "/healthz":
            return _json({"status": "ok"})
        case "/readyz" | "/api/teas":
            return _json(teas(database_url))
        case "/api/texts":
            language = parse_qs(url.query).get("lang", ["en"])[0]
            return _json(TEXTS.get(language, TEXTS["en"]))
        case _:
            return _page("/index.html" if url.path == "/" else url.path)


def teas(database_url: str) -> list[dict[str, object]]:
    """All teas with their prices; a sample where there is no database, as on a developer's machine."""
    if not database_url:
        return SAMPLE_TEAS
    import psycopg

    with psycopg.connect(database_url) as connection:
        rows = connection.execute("select name, price_cents from teas order by name")
        return [{"name": name, "price_cents": cents} for name, cents in rows]


def _json(value: object) -> Answer:
    return Answer(HTTPStatus.OK, "application/json", json.dumps(value).encode())


def _page(path: str) -> Answer:
    page = PAGES.get(path)
    if page is None:
        return Answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is no such page.\n")
    cache = "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Answer(HTTPStatus.OK, kind, page.read_bytes(), cache)


class Handler(BaseHTTPRequestHandler):
    """Brings requests to `answer`."""

    def do_GET(self) -> None:
        """Answer one request; an unreachable database shows as a failing readiness probe."""
        try:
            reply = answer(self.path, os.environ.get("DATABASE_URL", ""))
        except OSError as error:
            reply = Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", f"{error}\n".encode())
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", reply.cache_control)
        self.end_headers()
        self.wfile.write(reply.body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
