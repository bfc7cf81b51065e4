"""An SMTP server that takes every mail and keeps the first, to see what was sent."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Sink:
    """Takes what arrives."""

    def __init__(self, first: Path) -> None:
        self.first = first

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if not self.first.exists():
            await asyncio.to_thread(self.first.write_bytes, envelope.content)
        return "250 taken"


async def listen(port: int, first: Path) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(first)), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1]), Path(sys.argv[2])))
