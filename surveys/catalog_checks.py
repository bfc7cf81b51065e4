"""What must hold in a questionnaire file beyond its shape: references, codes, plain words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from surveys import readability
from surveys.catalog_file import CatalogFault, Entries
from surveys.catalog_shape import OptionEntry, QuestionEntry, QuestionnaireEntry, SectionEntry
from surveys.question_types import TYPES
from surveys.questionnaire import CONDITIONS, REVEALED, ROLES, Role
from surveys.texts import flat

WHY: Final = "why--"
RESERVED_IDS: Final = frozenset({"text", "number", "dk", "own", "why"})
RESERVED_SECTIONS: Final = frozenset({"check", "send", "sent", "withdraw", "print", "stop", "own"})
_ID: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CODE: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_BLANK: Final = re.compile(r"\{(\w*)\}")
_BLANKS: Final = frozenset({"launch_date", "convening_team", "organization"})


def reference_faults(entries: Entries, shape: QuestionnaireEntry) -> list[CatalogFault]:
    """Everything that would ask, store or score something else than meant."""
    faults = [
        CatalogFault(entries.file, entries.line("questions", place, key), entry.id, reason)
        for place, entry in enumerate(shape.questions)
        for key, reason in _question_faults(entry, shape)
    ]
    repeated = _repeated(entry.id for entry in shape.questions)
    for place, entry in enumerate(shape.questions):
        if entry.id in repeated:
            line = entries.line("questions", place, "id")
            faults.append(CatalogFault(entries.file, line, entry.id, "comes twice"))
    for role in ROLES:
        faults += _section_faults(entries, shape, role)
    faults += [
        CatalogFault(entries.file, entries.line("", 0, name), name, reason)
        for name, items in shape.constructs.items()
        for reason in _construct_faults(items, shape)
    ]
    return faults


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _question_faults(entry: QuestionEntry, shape: QuestionnaireEntry) -> Iterator[tuple[str, str]]:
    """The key at fault and the reason."""
    if not _ID.fullmatch(entry.id) or entry.id in RESERVED_IDS:
        yield "id", f"{entry.id!r} cannot be an id: small letters, digits and single _ only"
    if entry.only_if is not None and entry.only_if not in CONDITIONS:
        yield "only_if", f"no condition is called {entry.only_if!r}"
    if entry.reveal is not None and entry.reveal.source not in REVEALED:
        yield "reveal", f"no text is called {entry.reveal.source!r}"
    for role in set(ROLES) - set(entry.roles):
        if getattr(entry, f"wording_{role}") is not None:
            yield f"wording_{role}", f"{role} is not asked this"
        if not isinstance(entry.required, bool) and role in entry.required:
            yield "required", f"{role} is not asked this"
    yield from _blank_faults(entry)
    yield from _kind_faults(entry, shape)


def _kind_faults(entry: QuestionEntry, shape: QuestionnaireEntry) -> Iterator[tuple[str, str]]:
    kind = TYPES.get(entry.kind)
    if kind is None:
        yield "kind", f"no kind of question is called {entry.kind!r}"
        return
    if entry.about and not kind.rows:
        yield "about", f"{entry.kind} cannot be asked once for each organization"
    if entry.row and not entry.about:
        yield "row", "is only for questions about organizations"
    yield from _option_faults(entry, shape, chosen=kind.chosen)
    yield from _bound_faults(entry)


def _blank_faults(entry: QuestionEntry) -> Iterator[tuple[str, str]]:
    texts = [entry.wording_for(role) for role in entry.roles] + [entry.row]
    used = {name for text in texts for name in _BLANK.findall(text)}
    for name in sorted(used - _BLANKS):
        yield "wording", f"no fact fills the blank {{{name}}}"
    if "organization" in used and not entry.about:
        yield "wording", "{organization} stands in a question that is about none"
    if "launch_date" in used and not entry.wording_without_date:
        yield "wording", "there are no words for a launch without a date"
    if entry.about and "organization" not in used:
        yield "wording", "does not say which organization it is about"


def _option_faults(
    entry: QuestionEntry, shape: QuestionnaireEntry, *, chosen: bool
) -> Iterator[tuple[str, str]]:
    if entry.options is not None and entry.scale is not None:
        yield "scale", "has options of its own as well"
    if entry.scale_name is not None and entry.scale_name not in shape.scales:
        yield "scale", f"no scale is called {entry.scale_name!r}"
        return
    options = shape.options_of(entry)
    if bool(options) != chosen:
        yield "options", "are missing" if chosen else f"{entry.kind} has none"
    for code in sorted(_repeated(option.code for option in options)):
        yield code, f"code {code!r} comes twice"
    for option in options:
        yield from _one_option_faults(option, entry.kind)
    if entry.reversed and not any(option.score is not None for option in options):
        yield "reversed", "has no scores to reverse"


def _one_option_faults(option: OptionEntry, kind: str) -> Iterator[tuple[str, str]]:
    if not _CODE.fullmatch(option.code):
        yield option.code, f"{option.code!r} cannot be a code: small letters, digits, single _"
    if option.unsure and option.score is not None:
        yield option.code, f"{option.code!r} says that someone does not know and has a score"
    if option.text is not None and kind != "choice_with_text":
        yield option.code, f"{kind} has no text beside an option"
    if (option.number is not None or option.excludes) and kind != "several_choices":
        yield option.code, f"{kind} has no number beside an option and none that stands alone"


def _bound_faults(entry: QuestionEntry) -> Iterator[tuple[str, str]]:
    bounds = (entry.least, entry.most, entry.step)
    if entry.kind == "number" and None in bounds:
        yield "kind", "a number needs least, most and step"
    if entry.least is not None and entry.most is not None and entry.least >= entry.most:
        yield "most", "is not above least"
    if entry.kind not in {"number", "several_choices"} and bounds != (None, None, None):
        yield "least", f"{entry.kind} has no bounds"
    if entry.unknown and entry.kind != "number":
        yield "unknown", f"{entry.kind} says so among its options"


def _section_faults(
    entries: Entries, shape: QuestionnaireEntry, role: Role
) -> Iterator[CatalogFault]:
    asked = {entry.id: entry for entry in shape.questions}
    sections = shape.sections.of(role)
    placed = Counter(name for section in sections for name in section.questions)
    repeated = _repeated(section.id for section in sections)
    optional_before = False
    for place, section in enumerate(sections):
        reasons = list(_one_section_faults(section, asked, role))
        if section.id in repeated:
            reasons.append(("id", "comes twice"))
        if optional_before and not section.optional:
            reasons.append(("id", "comes after an optional section"))
        optional_before |= section.optional
        reasons += [
            (name, f"{name} is asked twice") for name in section.questions if placed[name] > 1
        ]
        for key, reason in reasons:
            line = entries.line(f"sections.{role}", place, key)
            yield CatalogFault(entries.file, line, f"{role} {section.id}", reason)
    for place, entry in enumerate(shape.questions):
        if role in entry.roles and not placed[entry.id]:
            line = entries.line("questions", place, "roles")
            yield CatalogFault(entries.file, line, entry.id, f"stands in no section of {role}")


def _one_section_faults(
    section: SectionEntry, asked: dict[str, QuestionEntry], role: Role
) -> Iterator[tuple[str, str]]:
    if not _ID.fullmatch(section.id) or section.id in RESERVED_SECTIONS:
        yield "id", f"{section.id!r} cannot be a section's id"
    for name in section.questions:
        if name not in asked:
            yield name, f"no question is called {name!r}"
        elif role not in asked[name].roles:
            yield name, f"{name} has no wording for {role}"
        elif section.optional and asked[name].required_of(role):
            yield name, f"{name} is required in an optional section"


def _construct_faults(items: list[str], shape: QuestionnaireEntry) -> Iterator[str]:
    asked = {entry.id: entry for entry in shape.questions}
    if not items:
        yield "has no items"
    for item in items:
        if item not in asked:
            yield f"no question is called {item!r}"
        elif not any(option.score is not None for option in shape.options_of(asked[item])):
            yield f"{item} has no scores"
    if len({asked[item].item_class for item in items if item in asked}) > 1:
        yield "its items are not of one class"


def language_faults(entries: Entries, shape: QuestionnaireEntry) -> list[CatalogFault]:
    """Sentences that are too long, sections that are hard to read, British spelling."""
    faults = []
    for place, entry in enumerate(shape.questions):
        texts = [*(entry.wording_for(role) for role in entry.roles), entry.hint, entry.row]
        texts += [option.label for option in entry.options or ()]
        if entry.wording_without_date:
            texts.append(entry.wording_without_date)
        faults += [
            CatalogFault(
                entries.file, entries.line("questions", place, "wording"), entry.id, reason
            )
            for reason in _word_faults(dict.fromkeys(texts))
        ]
    asked = {entry.id: entry for entry in shape.questions}
    for role in ROLES:
        for place, section in enumerate(shape.sections.of(role)):
            texts = [section.reason, section.why or ""]
            reasons = list(_word_faults([section.title, *texts]))
            texts += [asked[name].wording_for(role) for name in section.questions if name in asked]
            reasons += _grade_faults(text for text in texts if text)
            line = entries.line(f"sections.{role}", place, "id")
            name = f"{role} {section.id}"
            faults += [CatalogFault(entries.file, line, name, reason) for reason in reasons]
    return faults


def text_faults(entries: Entries) -> list[CatalogFault]:
    """Faults of a file of texts: what is no sentence, too long, hard to read, or British."""
    try:
        texts = dict(flat(entries.raw))
    except ValueError as error:
        return [CatalogFault(entries.file, 0, "", str(error))]
    faults = []
    groups: dict[str, list[str]] = {}
    for key, text in texts.items():
        if text.endswith((".", "?", "!")):
            groups.setdefault(key.split(".")[0], []).append(text)
        line = entries.line("", 0, f"{key.rsplit('.', 1)[-1]} =")
        faults += [CatalogFault(entries.file, line, key, reason) for reason in _word_faults([text])]
    for name, group in groups.items():
        line = entries.line(name, 0)
        faults += [CatalogFault(entries.file, line, name, one) for one in _grade_faults(group)]
    return faults


def _word_faults(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for sentence in readability.too_long(text):
            count = len(readability.words(sentence))
            yield f"{count} words in a sentence, {readability.MOST_WORDS} is the most: {sentence}"
        for word in readability.british(text):
            yield f"{word!r} is British spelling"


def _grade_faults(texts: Iterable[str]) -> Iterator[str]:
    grade = readability.grade(texts)
    if grade > readability.HIGHEST_GRADE:
        yield f"reads at grade {grade:.1f}, {readability.HIGHEST_GRADE:.0f} is the highest"
