"""Build wheel and sdist, look inside, and use them outside the checkout; `make wheel` runs this."""

import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
GRAMMAR = sorted(path.name for path in (CHECKOUT / "grammar").glob("*.lark"))
ASSETS = sorted(path.name for path in (CHECKOUT / "matchmaker" / "reporting" / "assets").iterdir())
POOL = CHECKOUT / "examples" / "host_pool.xml"

# Parses with both grammars, answers, finds what its page is made of, and prints where the package is.
USE = """
import pathlib, matchmaker, matchmaker.reporting.page
assert matchmaker.Requirement('A = 1 & !(B = "x*")').matches({"A": 1, "B": "y"})
assert matchmaker.Rank("A * 2 + 1").score({"A": 3}) == 7
assert "<title>" in matchmaker.reporting.page.asset("page.html")
print(pathlib.Path(matchmaker.__file__).resolve().parent)
"""


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    """Run a command that sees nothing of the caller's Python, and return its standard output."""
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"failed ({done.returncode}): {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(what: str, holds: bool) -> None:
    """Print what was checked, and stop when it does not hold."""
    print("ok  " if holds else "FAIL", what, flush=True)
    if not holds:
        sys.exit(1)


def check_contents(archive: str, names: Iterable[str], folder: str, package: str) -> None:
    """See that an archive holds the grammar files in `folder`, the page's parts and the marker of a typed package."""
    wanted = [f"{folder}/{name}" for name in GRAMMAR] + [f"{package}/reporting/assets/{name}" for name in ASSETS]
    missing = sorted({*wanted, f"{package}/py.typed"} - set(names))
    check(
        f"{archive} holds the grammar, the page's parts and py.typed" + (f"; missing: {missing}" if missing else ""),
        not missing,
    )


def environment(folder: Path, *requirements: str | Path) -> Path:
    """Make a virtual environment, install into it, and return its folder of programs."""
    venv.create(folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", *requirements, cwd=folder)
    return programs


def check_use(how: str, programs: Path, inside: Path, path: Path | None = None) -> None:
    """See that the package answers, and that it is the one inside `inside`."""
    package = Path(run(programs / "python", "-c", USE, cwd=programs.parent, path=path).strip())
    check(f"the grammar loads from {how}", package.is_relative_to(inside.resolve()))


def main() -> None:
    """Check everything in a temporary folder."""
    check(f"{len(GRAMMAR)} grammar files in the checkout", len(GRAMMAR) >= 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--outdir", folder, CHECKOUT, cwd=folder)
        [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
        root = sdist.name.removesuffix(".tar.gz")
        with zipfile.ZipFile(wheel) as archive:
            check_contents("the wheel", archive.namelist(), "matchmaker/grammar", "matchmaker")
        with tarfile.open(sdist) as archive:
            check_contents("the sdist", archive.getnames(), f"{root}/grammar", f"{root}/matchmaker")

        installed = environment(folder / "wheel", f"{wheel}[cli,opennebula,ovirt]")
        check_use("the wheel", installed, folder / "wheel")
        version = run(installed / "matchmaker", "--version", cwd=folder)
        check(f"the installed command prints its version: {version.strip()}", PROJECT["version"] in version)
        command = ("match", POOL, "-r", 'HYPERVISOR = "kvm"', "-k", "FREE_CPU", "--limit", "3", "--json")
        answer = run(installed / "matchmaker", *command, cwd=folder)
        check("the installed command ranks the example pool", "node" in answer)
        configured = ("ovirt", "serve", "--config", CHECKOUT / "examples" / "ovirt" / "ovirt.yaml", "--check")
        answer = run(installed / "matchmaker", *configured, cwd=folder)
        check("the installed command runs the units for oVirt", "8 units, 0 failing" in answer)
        answer = run(installed / "matchmaker", "ovirt", "systemd-unit", cwd=folder)
        check(
            "the installed command prints a systemd unit", f"ExecStart={installed / 'matchmaker'} ovirt serve" in answer
        )

        check_use("the sdist", environment(folder / "sdist", sdist), folder / "sdist")
        check_use("an editable install", environment(folder / "editable", "--editable", CHECKOUT), CHECKOUT)
        bare = environment(folder / "bare", *PROJECT["dependencies"])
        check_use("the checkout, not installed", bare, CHECKOUT, path=CHECKOUT)


main()
