"""How many requests this machine has answered, over all processes of one server.

The numbers lie in memory that the server's processes share, because they are made before it forks.
"""

from __future__ import annotations

import multiprocessing

from flask import Flask, Response


class Requests:
    """Answered requests by the first digit of their status."""

    CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")

    def __init__(self) -> None:
        self._counts = multiprocessing.Array("Q", len(self.CLASSES))

    def add(self, status: int) -> None:
        with self._counts.get_lock():
            self._counts[status // 100 - 1] += 1

    def counts(self) -> dict[str, int]:
        return dict(zip(self.CLASSES, self._counts[:], strict=True))


def init_app(app: Flask, requests: Requests) -> None:
    """Count every answer."""

    @app.after_request
    def count(response: Response) -> Response:
        requests.add(response.status_code)
        return response
