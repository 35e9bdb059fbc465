"""The code blocks of README.md and docs/ run, and show what they say they show.

```python blocks of one page run in order, in one namespace. A comment at the end of a statement is its expected outcome:

    requirement.matches(node1)     # True                               an expression: the repr of its value
    print(ranking[0].key)          # node1                              a print: what it prints
    mm.Requirement("A >= 5")       # ExpressionError, with a caret      what it raises: the class, then any remark

Other comments stand on lines of their own. In ```console blocks, lines that begin with `$ ` run in one bash per block, with
standard error merged into the output; the lines that follow, if any, are the expected output, where a line `...` stands
for any lines. Blocks of other languages are only read.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sysconfig
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGES = [page for page in [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/**/*.md"))] if page.exists()]

FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,}) *(?P<language>\w*)[^\n]*\n(?P<code>.*?)^ *(?P=fence) *$", re.M | re.S
)
NOT_RUN = re.compile(r"(make|pip|pipx|git clone|python3? -m (pip|venv))\b")
SECONDS = 120


@dataclass(frozen=True)
class Block:
    """A fenced block of code; `line` is the page's line where its code begins."""

    page: str
    line: int
    language: str
    code: str

    def fail(self, line: int, message: str) -> None:
        pytest.fail(f"{self.page}:{self.line + line - 1}: {message}", pytrace=False)


def blocks(page: str, text: str) -> Iterator[Block]:
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start("code")) + 1
        indent = len(fence["indent"])
        code = "".join(line[indent:] if line[:indent].isspace() else line for line in fence["code"].splitlines(True))
        yield Block(page, line, fence["language"], code)


def run_page(page: str, text: str, folder: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.chdir(folder):
        for block in blocks(page, text):
            if block.language == "python":
                run_python(block, namespace)
            elif block.language == "console":
                run_console(block)


def run_python(block: Block, namespace: dict[str, Any]) -> None:
    comments = {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokenize.generate_tokens(io.StringIO(block.code).readline)
        if token.type == tokenize.COMMENT
    }
    for statement in ast.parse(block.code, block.page).body:
        line = statement.end_lineno or statement.lineno
        expected = comments.get(line)
        is_value = isinstance(statement, ast.Expr)
        ast.increment_lineno(statement, block.line - 1)
        tree = ast.Expression(statement.value) if isinstance(statement, ast.Expr) else ast.Module([statement], [])
        program = compile(tree, block.page, "eval" if is_value else "exec", dont_inherit=True)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                value = eval(program, namespace)
        except Exception as error:
            if expected is None or expected.partition(",")[0] != type(error).__name__:
                block.fail(line, f"raises {type(error).__name__}: {error}")
            continue
        shown = printed.getvalue().rstrip("\n") if value is None and printed.getvalue() else repr(value)
        if is_value and expected is not None and shown != expected:
            block.fail(line, f"expected {expected}\n     got {shown}")


def run_console(block: Block) -> None:
    commands: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(block.code.splitlines(), 1):
        if line.startswith("$ "):
            commands.append((number, line[2:], []))
        elif commands and not commands[-1][2] and commands[-1][1].endswith("\\"):
            first, command, _ = commands[-1]
            commands[-1] = (first, f"{command}\n{line}", [])
        elif commands:
            commands[-1][2].append(line)
        elif line.strip():
            block.fail(number, "a console block begins with `$ `")
    commands = [command for command in commands if not NOT_RUN.match(command[1])]
    if not commands:
        return
    # After each command its exit status is printed behind a mark, and given back to the next one, for `$ echo $?`.
    mark = "\x1eexit status "
    script = "".join(
        f"{command}\nstatus=$?; printf '{mark}%d\\n' $status; (exit $status)\n" for _, command, _ in commands
    )
    environment = os.environ | {
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    outcomes = re.findall(f"(.*?){mark}(\\d+)\n", done.stdout, re.S)
    if len(outcomes) != len(commands):
        block.fail(1, f"bash does not reach the end of this block:\n{done.stdout}")
    for (line, command, expected), (output, status) in zip(commands, outcomes, strict=True):
        shown = [line.rstrip() for line in output.splitlines()]
        if expected and not matches(expected, shown):
            block.fail(line, "\n".join([f"`{command}` prints (exit status {status}):", *shown]))
        if not expected and status != "0":
            block.fail(line, "\n".join([f"`{command}` ends with exit status {status}:", *shown]))


def matches(expected: list[str], shown: list[str]) -> bool:
    """Tell whether output is as expected; white space at line ends and empty lines at the end do not count."""
    pattern = "".join("(?:.*\n)*" if line == "..." else re.escape(line.rstrip()) + "\n" for line in expected)
    return re.fullmatch(pattern.rstrip("\n") + "\n*", "\n".join(shown)) is not None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a page runs: an empty folder but for a copy of the examples."""
    shutil.copytree(CHECKOUT / "examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_page(page: Path, folder: Path) -> None:
    run_page(str(page.relative_to(CHECKOUT)), page.read_text("utf-8"), folder)


GOOD = """\
Text.

```python
from __future__ import annotations

numbers = [3, 1, 2]  # any remark: this is no expression
sorted(numbers)      # [1, 2, 3]
print("a", "b")      # a b
sum(
    numbers,
)                    # 6
int("x")             # ValueError, and a remark
"no # comment"
```

1. In a list:

   ```python
   len(numbers)      # 3
   def twice(text):
       return text * 2  # within a statement
   ```

````text
```python
1 / 0
```
````

```console
$ make demo
whatever
$ ls examples | grep -c host_pool.xml
1
$ printf 'one\\ntwo\\nthree\\n'; echo four >&2
one
...
four
$ (exit 3)
...
$ echo $? \\
  $COLUMNS
3 80
$ echo nothing expected
```
"""


def test_runner_accepts_a_good_page(folder: Path) -> None:
    assert [block.language for block in blocks("page.md", GOOD)] == ["python", "python", "text", "console"]
    run_page("page.md", GOOD, folder)


@pytest.mark.parametrize(
    ("language", "code", "message"),
    [
        ("python", "1 + 1  # 3", "page.md:3: expected 3\n     got 2"),
        ("python", "x = 1\n\nx / 0", "page.md:5: raises ZeroDivisionError: division by zero"),
        ("python", "int('x')  # KeyError", "page.md:3: raises ValueError"),
        ("python", "int('1')  # ValueError", "page.md:3: expected ValueError\n     got 1"),
        ("python", "print(1)  # 2", "page.md:3: expected 2\n     got 1"),
        ("console", "$ echo a\nb", "page.md:3: `echo a` prints (exit status 0):\na"),
        ("console", "$ echo a\na\n$ false", "page.md:5: `false` ends with exit status 1"),
        ("console", "$ echo a; echo b\na", "page.md:3: `echo a; echo b` prints"),
        ("console", "$ echo a\na\n$ exit 0", "page.md:3: bash does not reach the end"),
        ("console", "echo a", "page.md:3: a console block begins with"),
    ],
)
def test_runner_refuses_a_bad_block(language: str, code: str, message: str, folder: Path) -> None:
    with pytest.raises(pytest.fail.Exception) as failure:
        run_page("page.md", f"Text.\n```{language}\n{code}\n```\n", folder)
    assert str(failure.value).startswith(message)
