"""What is taken from a folder of plug-in files, and what is refused."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker.errors import MatchmakerError
from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.errors import PluginError
from matchmaker.ovirt.plugins import load_plugins
from tests.unit.ovirt.plugins.conftest import Load

NOTHING = Call.of([])


def refusals(folder: Path, **options: float) -> list[str]:
    with pytest.raises(PluginError) as caught:
        load_plugins(folder, **options)  # type: ignore[arg-type]
    first, *others = str(caught.value).splitlines()
    assert first == f"plug-in files in `{folder}` are refused:"
    return others


def test_a_class_is_a_unit_of_each_kind_that_it_has_a_method_for(load: Load) -> None:
    plugins = load(
        every="""
            class every(object):
                properties_validation = 'maximum_vm_count=[0-9]*;safe_selection=True|False'
                def do_filter(self, hosts, vm, args):
                    '''Keeps all.

                       Really all.
                    '''
                    print(hosts)
                def do_score(self, hosts, vm, args):
                    '''Weighs all.'''
                    print([])
                def do_balance(self, hosts, args):
                    pass
            class Other:
                "moves nothing"
                def do_balance(self, hosts, args):
                    pass
            class Neither:
                pass
            alias = Other
        """
    )
    assert [unit.name for unit in plugins.filters] == ["every"]
    assert [unit.name for unit in plugins.weighers] == ["every"]
    assert [unit.name for unit in plugins.balancers] == ["every", "Other"]
    assert plugins.filters[0].description == "Keeps all.\n\nReally all."
    assert plugins.weighers[0].description == "Weighs all."
    assert [unit.description for unit in plugins.balancers] == ["", "moves nothing"]
    assert plugins.filters[0].validation == "maximum_vm_count=[0-9]*;safe_selection=True|False"
    assert plugins.balancers[1].validation == ""


def test_files_come_by_their_names_and_some_are_none(load: Load, write: Callable[..., Path]) -> None:
    unit = "class {}:\n    def do_filter(self, hosts, vm, args): return hosts\n"
    folder = write(_not="raise SystemError")
    (folder / ".hidden.py").write_text("raise SystemError")
    (folder / "notes.txt").write_text("print x")
    (folder / "package").mkdir()
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    plugins = load(b=unit.format("B"), a=unit.format("A"), c_d=unit.format("C") + unit.format("D"))
    assert [unit.name for unit in plugins.filters] == ["A", "B", "C", "D"]


def test_a_class_that_is_imported_is_not_one_of_this_file(load: Load) -> None:
    plugins = load(
        _base="class Base:\n    def do_filter(self, hosts, vm, args): return hosts\n",
        first="from _base import Base\nclass First(Base): pass\n",
        second="from _base import Base\nfrom first import First\nclass Second(First): pass\n",
    )
    assert [unit.name for unit in plugins.filters] == ["First", "Second"]


def test_a_file_without_a_unit_is_no_trouble(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "matchmaker.ovirt"):
        plugins = load(common="LIMIT = 3", empty="", uses="import common\nclass A:\n    def do_filter(*_): return []\n")
    assert [unit.name for unit in plugins.filters] == ["A"]
    assert "`common.py` has no class with do_filter or do_score or do_balance" in caplog.text


def test_an_empty_folder_has_no_units(load: Load) -> None:
    plugins = load()
    assert plugins.filters == plugins.weighers == plugins.balancers == ()


def test_a_validation_that_the_engine_cannot_read_is_told(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    unit = "class {}:\n    properties_validation = {!r}\n    def do_filter(self, hosts, vm, args): return hosts\n"
    plugins = load(
        braces=unit.format("Braces", "{key1 = regex1, key2 = regex2}"),
        good=unit.format("Good", "a=[0-9]*; b = x|y;"),
        none=unit.format("None_", None),
    )
    assert [unit.validation for unit in plugins.filters] == ["{key1 = regex1, key2 = regex2}", "a=[0-9]*; b = x|y;", ""]
    [warning] = [record.getMessage() for record in caplog.records]
    assert warning == (
        "unit `Braces` of `braces.py`: oVirt's engine ignores the unit, as it cannot read `{key1 = regex1, key2 = regex2}`; "
        "write `name=pattern;name=pattern`"
    )


def test_what_a_file_writes_while_it_is_imported_is_logged_on_one_line(
    load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    load(noisy="import sys\nprint('hello\\x1b[31m')\nprint('world', file=sys.stderr)\n" + "class A: pass\n")
    [record] = [record for record in caplog.records if record.levelno == logging.WARNING]
    said = record.getMessage()
    assert said.startswith("plug-in file `noisy.py` wrote while it was imported: ")
    assert "hello" in said
    assert "world" in said
    assert said.isprintable()


def test_every_refused_file_is_told_with_line_and_reason(write: Callable[..., Path]) -> None:
    folder = write(
        a="import sys\nprint >>sys.stderr, 'x'\n",
        b="import missing_module_of_b\n",
        c="x = 1\nraise ValueError('no\\nway')\n",
        d="def f(:\n",
        e="import sys\nsys.exit(3)\n",
        f="import os\nos._exit(3)\n",
        g="import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
        h="class Fine:\n    def do_filter(self, hosts, vm, args): return hosts\n",
        i="x = bytearray(2 ** 40)\n",
        j="from ovirtsdk.xml import other\n",
    )
    assert refusals(folder) == [
        "`a.py`, line 2: `print >>sys.stderr, 'x'`: write `print('x', file=sys.stderr)`",
        "`b.py`, line 1: ModuleNotFoundError: No module named 'missing_module_of_b'",
        "`c.py`, line 2: ValueError: no way",
        "`d.py`, line 1: `def f(:`: make it valid Python 3: invalid syntax",
        "`e.py`, line 2: SystemExit: 3",
        "`f.py`: importing it ended the process, with exit status 3",
        "`g.py`: importing it was ended by SIGSEGV",
        "`i.py`, line 1: importing it needs more than 1024 MiB of memory",
        "`j.py`, line 1: ImportError: cannot import name 'other' from 'ovirtsdk.xml' (unknown location)",
    ]


def test_importing_has_a_time_limit(write: Callable[..., Path]) -> None:
    folder = write(hangs="import time\ntime.sleep(600)\n", stops="import os\nos.kill(os.getpid(), 19)\n")
    assert refusals(folder, time_limit=1) == [
        "`hangs.py`: importing it takes too long",
        "`stops.py`: importing it takes too long",
    ]


def test_two_files_with_the_same_unit_are_refused(write: Callable[..., Path]) -> None:
    unit = "class A:\n    def do_{}(self, hosts, *others): return hosts\n"
    folder = write(first=unit.format("filter"), second=unit.format("score"), third=unit.format("filter"))
    assert refusals(folder) == ["`first.py` and `third.py` both have a class `A` of the same kind: rename one of them"]


def test_what_cannot_be_read_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    folder = write(large="#" * (1024 * 1024 + 1))
    (folder / "loop.py").symlink_to(folder / "loop.py")
    problems = refusals(folder)
    assert "`large.py` is larger than 1,048,576 bytes, which a plug-in file may have" in problems
    with pytest.raises(
        PluginError, match=r"the plug-ins' folder `.*nowhere` cannot be read: No such file or directory"
    ):
        load_plugins(tmp_path / "nowhere")


@pytest.mark.parametrize("options", [{"time_limit": 0}, {"memory": 0}, {"time_limit": 3_601}, {"memory": 2**40}])
def test_limits_are_positive(write: Callable[..., Path], options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        load_plugins(write(), **options)


def test_the_error_is_one_of_ours(write: Callable[..., Path]) -> None:
    with pytest.raises(MatchmakerError):
        load_plugins(write(a="print x"))


def test_a_file_runs_as_it_was_when_it_was_loaded(load: Load, write: Callable[..., Path]) -> None:
    unit = "import os\nclass A:\n    def do_filter(self, hosts, vm, args):\n        {}\n        return [{!r}]\n"
    plugins = load(a=unit.format("if vm is None: os.kill(os.getppid(), 9)", "old"))
    write(a=unit.format("pass", "new"))
    call = Call(NOTHING.snapshot, ("old", "new"), "vm")
    assert plugins.filters[0].keep(call) == ["old"]
    with pytest.raises(MatchmakerError):
        plugins.filters[0].keep(Call(NOTHING.snapshot, ("old", "new")))
    assert plugins.filters[0].keep(call) == ["old"]
