"""The house keeps its grain: sizes, names, imports, spelling, and a README that shows it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("surveys", "analysis", "webapp")
MOST_LINES = 400
# These list the spellings that others may not use.
LISTS_OTHER_SPELLINGS = {
    "tests/architecture/test_house.py",
    "surveys/readability.py",
    "tests/surveys/test_loader.py",
}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
BRITISH = re.compile(
    r"\b(colour|organis(?:e|ed|ing|ation|ations)|behaviour|centre|favour(?:ite)?|neighbour\w*|licence|"
    r"programme|cancelled|labelled|analys(?:e|ed|ing)|summaris\w*|recognis\w*|judgement|sceptic\w*)\b",
    re.IGNORECASE,
)


def product_files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def written_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    endings = {".py", ".html", ".toml", ".md", ".txt", ".css", ".js"}
    return [ROOT / name for name in listed.stdout.split("\n") if Path(name).suffix in endings]


@pytest.mark.parametrize(
    "path", list(product_files()), ids=lambda path: str(path.relative_to(ROOT))
)
def test_modules_are_short_well_named_and_import_at_the_top(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    if path.parent.name != "versions":
        assert len(lines) <= MOST_LINES, f"{len(lines)} lines: make it a package"
    assert path.stem not in BANNED_NAMES
    tree = ast.parse(text)
    assert ast.get_docstring(tree) or path.parent.name == "versions", "say what the module is for"
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        late = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not late, f"{function.name} imports late"


def test_imports_only_go_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program], cwd=ROOT, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    "path",
    [path for path in written_files() if "tests/oracles" not in str(path) and path.exists()],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_text_is_in_us_spelling_and_speaks_of_the_product_only(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in LISTS_OTHER_SPELLINGS:
        return
    text = path.read_text("utf-8")
    found = BRITISH.search(text)
    assert not found, found
    for stranger in ("/work/", "../shared", "TODO", "FIXME"):
        assert stranger not in text, stranger


def test_readme_is_short_and_its_map_equals_the_tree() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) <= 150
    block = re.search(r"```text map\n(.*?)```", readme, re.DOTALL)
    assert block, "the README has no map"
    shown: set[str] = set()
    folder = ""
    for line in filter(None, block[1].splitlines()):
        names = re.split(r"\s{2,}", line.strip())[0].split()
        if not line.startswith(" "):
            folder = names[0]
            shown.add(folder)
        else:
            shown.update(folder + name for name in names)
    real: set[str] = set()
    for package in PACKAGES:
        real.add(f"{package}/")
        for path in (ROOT / package).iterdir():
            if path.name in {"__pycache__", "__init__.py", "py.typed"}:
                continue
            real.add(f"{package}/{path.name}{'/' if path.is_dir() else ''}")
    inside = {name for name in shown if name.split("/")[0] in PACKAGES}
    assert inside == real, (sorted(real - inside), sorted(inside - real))


def test_lock_files_hold_every_dependency_and_name_no_registry() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for lock, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-test.lock", project["optional-dependencies"]["test"]),
    ):
        text = (ROOT / lock).read_text("utf-8")
        assert "://" not in text
        for line in wanted:
            name = re.split(r"[\[<>=]", line)[0].lower().replace("_", "-")
            if name != "muster":
                assert re.search(rf"^{re.escape(name)}==", text, re.MULTILINE), f"{name}: {lock}"


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for line in project["dependencies"]:
        assert ">=" in line, line
        assert "<" in line, line
