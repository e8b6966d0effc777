"""The architecture of the package: the order of imports, and the length of files and functions."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "widget_server"
#: From top to bottom: a part imports only parts of lower lines. Parts of one line never import one another.
ORDER = """
cli
commands
demo
serve
backup
__init__
widget api agent console live
jobs
settings
auth
integrations
notifications webhooks
followups
page_checks
reports
privacy
inbox
ratings
invitations
conversations
subjects
visitors
surveys
sites
accounts
outbound
events
web
migrations
storage
core
"""
LINES = [line.split() for line in ORDER.strip().splitlines()]
RANK = {part: rank for rank, line in enumerate(LINES) for part in line}
CAPABILITIES = {part for line in LINES[RANK["integrations"] : RANK["web"]] for part in line}
#: Libraries that only the edges and the parts between edges and capabilities may import.
HTTP_LIBRARIES = {"flask", "flask_smorest", "werkzeug", "marshmallow", "granian", "gevent"}
#: Modules that open connections, with the files that may import them.
CONNECTING = {
    "socket": {
        *("outbound/addresses.py", "outbound/connections.py", "outbound/http_client.py", "outbound/smtp.py"),
        # Of this machine: free ports, open connections of a process, and whether it answers.
        *("serve/ports.py", "serve/request_buffer.py", "serve/child.py"),
    },
    "ssl": {"outbound/connections.py", "outbound/http_client.py", "outbound/smtp.py"},
    "http.client": {"outbound/http_client.py"},
    "smtplib": {"outbound/smtp.py"},
    # The demo calls its own server.
    "urllib.request": {"demo/client.py"},
    # Waits for notifications of PostgreSQL.
    "gevent.socket": {"live/change_source.py"},
    **dict.fromkeys(("asyncio", "ftplib", "imaplib", "poplib", "telnetlib", "xmlrpc.client"), frozenset[str]()),
    **dict.fromkeys(("requests", "urllib3", "httpx", "aiohttp", "websocket", "websockets"), frozenset[str]()),
}
#: Migrations are records of the past, not code under development.
RECORDS = PACKAGE / "migrations" / "versions"
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_FACTORY_LINES = 250, 40, 60
VAGUE_NAME = re.compile(r"(utils?|helpers?|common|managers?|misc)(\.\w+)?")


def sources() -> list[Path]:
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if RECORDS not in path.parents]
    assert len(paths) > 20
    return paths


def scripts() -> list[Path]:
    return sorted((ROOT / "static" / "src").rglob("*.js"))


def name_of(path: Path) -> tuple[str, ...]:
    """Return ("ratings", "service") for widget_server/ratings/service.py; `__init__.py` has the name of its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


NAMES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported_names(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the names of the files of the package that a file imports."""
    folder = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            base = (*folder[: len(folder) - node.level + 1], *module)
        elif module[:1] == ("widget_server",):
            base = module[1:]
        else:
            continue
        for alias in node.names:
            yield (*base, alias.name) if (*base, alias.name) in NAMES else base or ("__init__",)


def libraries(path: Path) -> set[str]:
    tree = list(ast.walk(ast.parse(path.read_text())))
    modules = [alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[0] for name in modules} | {
        node.module.split(".")[0]
        for node in tree
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }


def relative_path(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_part_is_in_the_order() -> None:
    parts = {name[0] for name in NAMES}
    assert parts <= set(RANK), f"missing in ORDER: {sorted(parts - set(RANK))}"


def test_the_map_names_every_part_in_this_order() -> None:
    """Of the foundation, where the map has three per line, check only that they are there, below all others."""
    map_text = (PACKAGE / "README.md").read_text().split("```")[1]
    words = re.findall(r"(?:^| {2,}|, | )([a-z_]+)(?:/|\.py)(?= )", map_text, re.MULTILINE)
    parts = {name[0] for name in NAMES}
    on_the_map = [name for name in words if name in parts]
    assert sorted(parts - set(on_the_map)) == []
    ranks = [min(RANK[name], RANK["web"]) for name in on_the_map]
    assert ranks == sorted(ranks), on_the_map


def test_imports_go_down() -> None:
    wrong = [
        f"{relative_path(path)} imports {'.'.join(target)}"
        for path in sources()
        for target in imported_names(path)
        if (own := name_of(path)[0]) != target[0] and RANK[own] >= RANK[target[0]]
    ]
    assert wrong == []


def test_no_import_cycle_within_a_part() -> None:
    graph = {name_of(path): set(imported_names(path)) for path in sources()}
    try:
        tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(".".join(name) for name in error.args[1]))


def test_no_import_inside_a_function() -> None:
    wrong = [
        f"{relative_path(path)}:{inner.lineno}"
        for path in [*sources(), *RECORDS.glob("*.py")]
        for function in functions(path)
        for inner in ast.walk(function)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert wrong == []


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_models_know_no_service_and_no_query() -> None:
    wrong = [
        f"{relative_path(path)} imports {'.'.join(target)}"
        for path in sources()
        if path.name == "models.py"
        for target in imported_names(path)
        if target[0] in CAPABILITIES and target[-1] != "models"
    ]
    assert wrong == []


def test_capabilities_know_nothing_of_http() -> None:
    wrong = [
        f"{relative_path(path)} imports {library}"
        for path in sources()
        if name_of(path)[0] in CAPABILITIES
        for library in libraries(path) & HTTP_LIBRARIES
    ]
    assert wrong == []


def imported_modules(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports from libraries; for `from a import b` both `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_guarded_clients_open_outgoing_connections() -> None:
    imports = {
        (module, str(path.relative_to(PACKAGE)))
        for path in [*sources(), *RECORDS.glob("*.py")]
        for module in imported_modules(path)
        if module in CONNECTING
    }
    assert imports == {(module, path) for module, paths in CONNECTING.items() for path in paths}
    connecting = re.compile(r"\bcreate_connection\(|\bsocket\.socket\(|http\.client\.HTTPS")
    connecting_files = {str(path.relative_to(PACKAGE)) for path in sources() if connecting.search(path.read_text())}
    # The supervisor probes its children, binds ports and reads the state of accepted connections.
    of_this_machine = {"serve/child.py", "serve/ports.py", "serve/request_buffer.py"}
    assert connecting_files == {"outbound/connections.py", *of_this_machine}
    assert "addresses.resolve(" in (PACKAGE / "outbound" / "connections.py").read_text()


def test_capabilities_never_commit() -> None:
    wrong = [
        f"{relative_path(path)}:{node.lineno}"
        for path in sources()
        if name_of(path)[0] in CAPABILITIES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert wrong == []


def test_only_migrations_make_tables() -> None:
    wrong = [relative_path(path) for path in sources() if re.search(r"\b(create_all|drop_all)\(", path.read_text())]
    assert wrong == []


def test_there_is_one_clock() -> None:
    """The shop of the demo is a separate program with a separate clock."""
    clock_use = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today)\(|from \.+clock import")
    product_files = [path for path in sources() if path.name != "clock.py" and name_of(path)[0] != "demo"]
    wrong = [relative_path(path) for path in product_files if clock_use.search(path.read_text())]
    assert wrong == [], "call clock.now() through its module, so that tests can set it"


def test_init_files_are_empty() -> None:
    folders = [path for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    assert folders
    assert [relative_path(path) for path in folders if path.read_text().strip()] == []


def test_no_file_has_a_vague_name() -> None:
    paths = [*PACKAGE.rglob("*"), *(ROOT / "static" / "src").rglob("*"), *(ROOT / "tests").rglob("*")]
    foreign = {"node_modules", "build"}
    vague = [path for path in paths if VAGUE_NAME.fullmatch(path.name) and not foreign & set(path.parts)]
    assert [relative_path(path) for path in vague] == []


def test_files_are_short() -> None:
    lengths = {relative_path(path): len(path.read_text().splitlines()) for path in [*sources(), *scripts()]}
    assert {path: length for path, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{relative_path(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in sources()
        for node in functions(path)
        if path != PACKAGE / "__init__.py"
    }
    lengths |= {where: length for path in scripts() for where, length in script_functions(path)}
    assert {where: length for where, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def script_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the place and length of each function of a script, which ends at the next brace with its indentation."""
    lines = path.read_text().splitlines()
    opens = re.compile(r"^(\s*)(?!.*\b(if|for|while|switch|catch|class)\b).*(\bfunction\b.*|\)|=>)\s*\{$")
    for start, line in enumerate(lines):
        opening = opens.match(line)
        if opening is None:
            continue
        closing = f"{opening.group(1)}}}"
        end = next((end for end in range(start + 1, len(lines)) if lines[end].startswith(closing)), start)
        yield f"{relative_path(path)}:{start + 1}", end - start + 1


def test_the_application_factory_is_short() -> None:
    factory = {node.name: node for node in functions(PACKAGE / "__init__.py")}["create_app"]
    assert (factory.end_lineno or 0) - factory.lineno + 1 <= MAX_FACTORY_LINES
