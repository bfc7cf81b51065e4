"""A real name server on this machine that knows what a test tells it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.resolver
import dns.rrset


class NameServer:
    """Answers for TXT records; a name that has others below it exists and is empty.

    ``silent`` makes it deaf to these names.
    """

    def __init__(self, texts: Mapping[str, Iterable[str]], silent: Iterable[str] = ()) -> None:
        self.texts = {dns.name.from_text(name): list(values) for name, values in texts.items()}
        self.silent = {dns.name.from_text(name) for name in silent}
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def resolver(self) -> dns.resolver.Resolver:
        made = dns.resolver.Resolver(configure=False)
        made.nameservers = ["127.0.0.1"]
        made.port = self.socket.getsockname()[1]
        return made

    def _serve(self) -> None:
        while True:
            try:
                content, client = self.socket.recvfrom(4096)
            except OSError:
                return
            if not content:
                return
            query = dns.message.from_wire(content)
            name = query.question[0].name
            self.asked.append(name.to_text())
            if name not in self.silent:
                self.socket.sendto(self._reply(query, name).to_wire(), client)

    def _reply(self, query: dns.message.Message, name: dns.name.Name) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        if name in self.texts:
            quoted = [
                " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
                for text in self.texts[name]
            ]
            if quoted:
                reply.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", quoted))
        elif not any(known.is_subdomain(name) for known in self.texts):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        port = self.socket.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", port))
        self.thread.join(timeout=5)
        self.socket.close()
