"""Characters nobody can see go; the words stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.typed_text import one_line, paragraphs


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two   words ", "two words"),
        ("a\nb\r\nc", "a b c"),
        ("a\tb", "a b"),
        ("a\u2028b\x0bc\x85d", "a b c d"),
        ("nul\x00l", "null"),
        ("half\ud83d", "half"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth\u200c\u200d\ufeff\u2060", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("caf\u0065\u0301", "caf\u00e9"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("\u4e2d\u6587 O'Hara 007 None", "\u4e2d\u6587 O'Hara 007 None"),
    ],
)
@pytest.mark.fault("I11")
def test_I11_a_line_keeps_what_can_be_read(typed, kept):
    assert one_line(typed) == kept


def test_paragraphs_keep_their_breaks_and_lose_the_rest():
    assert paragraphs(" a  b \r\n\r\n\r\n\r\nc\u2028d \n") == "a  b\n\nc\nd"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert one_line(one_line(text)) == one_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)


@given(st.text())
def test_what_is_kept_can_be_stored_anywhere(text):
    kept = paragraphs(text)
    assert "\x00" not in kept
    kept.encode("utf-8")
    assert "\n" not in one_line(text)
