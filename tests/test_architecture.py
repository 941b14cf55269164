"""Imports point down the list of layers; the two modes never import each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import s2s

ROOT = Path(s2s.__file__).parent
# The layers, lowest first: a module may import its own layer and those above it here.
LAYERS = [
    {"errors", "names", "structure"},
    {"parse"},
    {"ssa"},
    {"rules", "templates"},
    {"shaping", "cancel", "idle"},
    {"activity"},
    {"forward", "adjoint"},
    {"codegen"},
    {"symmetry"},
    {"pipeline"},
    {"annotations", "arguments", "render", "save", "signature", "varied"},
    {"derivative"},
    {"api"},
    {"jacobian", "check", "custom"},
    {"cli", "target"},
    {"__init__", "__main__"},
]
LEVEL = {name: k for k, layer in enumerate(LAYERS) for name in layer}


def files() -> Iterator[tuple[str, Path]]:
    """Every module of s2s with the part that it belongs to."""
    for folder, prefix in (ROOT, ""), (ROOT.parent / "templates", "templates"):
        for path in sorted(folder.rglob("*.py")):
            part = path.relative_to(folder).parts[0].removesuffix(".py")
            if "templates" not in path.relative_to(folder).parts:
                yield prefix or part, path


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and part of s2s of each import that is carried out."""
    todo: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        todo += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom):
            assert node.level < 2, (
                f"{path}:{node.lineno}: write s2s. and the whole name"
            )
            base = node.module if not node.level else "its own package"
            modules = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        for module in modules:
            root, *parts = module.split(".")
            if root == "s2s":
                yield (
                    node.lineno,
                    parts[0] if parts and parts[0] in LEVEL else "__init__",
                )


def test_every_module_has_a_layer() -> None:
    assert {part for part, _ in files()} - set(LEVEL) == set()


def test_imports_point_down() -> None:
    wrong = [
        f"{path.relative_to(ROOT.parent)}:{line} ({part}) imports {imported}"
        for part, path in files()
        for line, imported in imports(path)
        if LEVEL[imported] > LEVEL[part] or {part, imported} == {"forward", "adjoint"}
    ]
    assert wrong == []


def test_only_the_pipeline_fills_the_table_of_rules() -> None:
    users = {
        part for part, path in files() for _, i in imports(path) if i == "templates"
    }
    assert users <= {"pipeline", "templates"}
