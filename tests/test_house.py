"""The house rules that can be checked by reading the code."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "vivavoce"
FILES = sorted(SOURCE.rglob("*.py"))
# A room may import from the rooms before it, and from itself; never from its own row or from a later one.
ROWS = (
    ("messages", "errors"),
    ("media",),
    ("nn",),
    ("engines",),
    ("routes", "space", "trust", "compress"),
    ("train", "apps"),
    ("evaluate", "serve"),
    ("cli",),
)
HEAVY = ("torch", "transformers", "numpy", "av", "PIL", "cv2", "matplotlib", "onnxruntime", "rich", "huggingface_hub")


def room_of(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def row_of(room):
    return next(number for number, row in enumerate(ROWS) if room in row)


def imported_modules(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


ROOMED = [path for path in FILES if path != SOURCE / "__init__.py"]


@pytest.mark.parametrize("path", ROOMED, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_left_only(path):
    room = room_of(path)
    for module in imported_modules(ast.parse(path.read_text("utf-8"))):
        if not module.startswith("vivavoce."):
            continue
        other = module.split(".")[1]
        if other != room:
            allowed = row_of(other) < row_of(room) or (room, other) == ("errors", "messages")
            assert allowed, f"{path.name} in {room} imports {module}"


def test_routes_know_only_the_contract_of_engines():
    for path in (SOURCE / "routes").glob("*.py"):
        for module in imported_modules(ast.parse(path.read_text("utf-8"))):
            if module.startswith("vivavoce.engines"):
                assert module.removeprefix("vivavoce.engines.") in ("contract", "abilities", "options", "home"), (
                    f"{path.name}: {module}"
                )


def test_only_the_catalog_names_engines_of_the_conversion_graph():
    for path in FILES:
        if path.name == "catalog.py" or room_of(path) == "engines":
            continue
        for module in imported_modules(ast.parse(path.read_text("utf-8"))):
            parts = module.split(".")
            assert parts[:2] != ["vivavoce", "engines"] or len(parts) <= 3, f"{path.name} imports {module}"


def test_no_module_imports_a_heavy_library_at_import_time():
    light_at_import = {"numpy"}  # media values are arrays
    for path in FILES:
        tree = ast.parse(path.read_text("utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for module in imported_modules(ast.Module(body=top, type_ignores=[])):
            root = module.split(".")[0]
            assert root not in HEAVY or root in light_at_import, f"{path.name} imports {module} at import time"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_are_short(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    for function in functions(ast.parse(text)):
        length = (function.end_lineno or 0) - function.lineno + 1
        arguments = function.args
        count = len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs)
        assert length <= 60, f"{function.name} has {length} lines"
        assert count <= 7, f"{function.name} has {count} parameters"


def test_the_median_function_has_at_most_ten_lines():
    lengths = sorted(
        (function.end_lineno or 0) - function.lineno + 1
        for path in FILES
        for function in functions(ast.parse(path.read_text("utf-8")))
    )
    assert lengths[len(lengths) // 2] <= 10


@pytest.mark.parametrize("name", ["torchvision", "torchaudio", "timm"])
def test_libraries_that_break_transformers_are_absent(name):
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version(name)


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, vivavoce; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from vivavoce.cli.main import main; main(['--help']);"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_every_public_name_is_there():
    import vivavoce

    for name in vivavoce.__all__:
        assert getattr(vivavoce, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        vivavoce.nothing  # noqa: B018 - the access is what is tested
