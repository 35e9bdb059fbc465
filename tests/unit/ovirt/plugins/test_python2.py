"""What has to be changed in a file that is written for Python 2."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from matchmaker.ovirt.plugins.matchmaker_worker.python2 import findings


def changes(text: str) -> list[tuple[int, str]]:
    return [(found.line, found.change) for found in findings(dedent(text).lstrip("\n").encode(), "a.py")]


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("print hosts", "write `print(hosts)`"),
        ("print 'a', b", "write `print('a', b)`"),
        ("print 'a',", "write `print('a', end=\" \")`"),
        ("print 3", "write `print(3)`"),
        ("print [1, 2]", "write `print([1, 2])`"),
        ("print {'a': 1}", "write `print({'a': 1})`"),
        ("print -x", "write `print(-x)`"),
        ("print ('%s' % x) % y", "write `print(('%s' % x) % y)`"),
        ("print>>sys.stderr, 'x', y", "write `print('x', y, file=sys.stderr)`"),
        ("print >> f", "write `print(file=f)`"),
        ("print >>f, x,", "write `print(x, file=f, end=\" \")`"),
        ("if x: print y", "write `print(y)`"),
        ("x = 1; print x; y = 2", "write `print(x)`"),
        ("exec 'x = 1'", "write `exec('x = 1')`"),
        ("exec code in names", "write `exec(code, names)`"),
        ("raise ValueError, 'bad'", "write `raise ValueError('bad')`"),
        ("raise E(1), None, trace", "write `raise E(1).with_traceback(trace)`"),
        ("raise E, 'bad', sys.exc_info()[2]", "write `raise E('bad').with_traceback(sys.exc_info()[2])`"),
        ("x = `y`", "write `repr(...)` in place of the backticks"),
        ("if x <> y: pass", "write `!=` in place of `<>`"),
        ("os.chmod(path, 0644)", "write `0o644`: it is octal"),
        ("x = 10L", "write `10`: whole numbers have no `L`"),
        ("x = 0xFFl", "write `0xFF`: whole numbers have no `L`"),
        ("x = ur'a\\b'", "write the text without `u`"),
        ("def f(a, (b, c)): pass", "write one parameter, and take it apart in the function"),
        ("f = lambda (a, b): a", "write one parameter, and take it apart in the function"),
        ("x = sorted(y, key=lambda (a, b): b)", "write one parameter, and take it apart in the function"),
        ("x = long(3)", "write `int` in place of `long`"),
        ("for x in xrange(3): pass", "write `range` in place of `xrange`"),
        ("x = isinstance(y, basestring)", "write `str` in place of `basestring`"),
        ("x = reduce(f, y)", "write `functools.reduce` in place of `reduce`"),
        ("x = file('y')", "write `open` in place of `file`"),
        ("x = y.has_key('z')", "write `key in mapping` in place of `has_key`"),
        ("for x in y.iteritems(): pass", "write `items` in place of `iteritems`"),
        ("import urllib2", "import `urllib.request` in place of `urllib2`"),
        ("import os, ConfigParser as c", "import `configparser` in place of `ConfigParser`"),
        ("from StringIO import StringIO", "import `io` in place of `StringIO`"),
        ("x = (1", "make it valid Python 3: '(' was never closed"),
    ],
)  # fmt: skip
def test_each_form_is_told_with_its_change(line: str, change: str) -> None:
    assert changes(f"import os\n{line}\n") == [(2, change)]


def test_the_handlers_of_errors() -> None:
    text = """
        try:
            pass
        except (IOError, OSError), error:
            pass
        except Exception , e :
            pass
    """
    assert changes(text) == [
        (3, "write `except (IOError, OSError) as error:`"),
        (5, "write `except Exception as e:`"),
    ]


def test_tabs_and_spaces() -> None:
    assert changes("if 1:\n        x = 1\n\ty = 2\n") == [(3, "indent with spaces alone, or with tabs alone")]


def test_all_of_them_are_told_in_order_with_their_lines() -> None:
    text = '''
        """print this"""
        import sys  # print that
        class A:
            def do_filter(self, hosts, vm, args):
                text = "print %s \\
                    exec" % vm
                print >> sys.stderr, text
                if hosts <> []: print hosts
                print (hosts,
                       vm), \\
                    3
                raise ValueError, text
    '''
    found = findings(dedent(text).lstrip("\n").encode(), "a.py")
    assert [tuple(each) for each in found] == [
        (7, "print >> sys.stderr, text", "write `print(text, file=sys.stderr)`"),
        (8, "if hosts <> []: print hosts", "write `!=` in place of `<>`"),
        (8, "if hosts <> []: print hosts", "write `print(hosts)`"),
        (12, "raise ValueError, text", "write `raise ValueError(text)`"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "print(x)\nprint (x)\nprint\nprint(x, file=y)\nx = print\nprint.x\nprint('%s' % x)\nf(print, 3)\nprint(x), print(y)",
        "from __future__ import print_function\nprint()",
        "x = [0, 00, 0.5, 00.5, 0777.5, 0o17, 1_000, 0x0F, 1e5, 0777e1, 0777j]",
        "exec('x')\nexec\nx.exec(3)",
        "try:\n    pass\nexcept (A, B):\n    pass\nexcept A as e:\n    pass",
        "raise E(x, y) from z",
        "x = y if y > 3 else (1, 2)\nz = lambda a, b=(1, 2): (a, b)\ndef f(a=(1, (2)), *, b: (int) = 3) -> (int): pass",
        "x = '`' + \"<> 10L 0777\" # `y` <> 0777\n'''\nprint x\n'''",
        "x = f'{print!r:>{width}} {y}'\nz = rb'x' + Rb'''y''' + u'z'.encode()",
        "long = int\nx = long(3)",
        "def cmp(a, b): return 0\nx = cmp(1, 2)",
        "from functools import reduce\nfrom importlib import reload\nx = reduce(y, z)",
        "try:\n    unicode\nexcept NameError:\n    text = str\nelse:\n    text = 3",
        "try:\n    import urllib2\nexcept ImportError:\n    import urllib.request as urllib2",
        "try:\n    from StringIO import StringIO\nexcept:\n    from io import StringIO",
        "try:\n    x = y.iteritems()\nexcept AttributeError:\n    x = y.items()",
        "import sys\nif sys.version_info[0] < 3:\n    text = unicode\nelse:\n    text = str",
        "x = y.iteritems() if hasattr(y, 'iteritems') else y.items()",
        "class Map(dict):\n    def has_key(self, key): return key in self\nMap().has_key(3)",
        "def f(file, long=3): return file.read(long)",
        "from . import Queue",
        "match x:\n    case [1, y]: pass\n    case {'a': z}: pass",
        "async def f():\n    async with x as y, z: pass\n    return [i async for i in y]",
        "@decorated\nclass A(B, metaclass=C):\n    x: int = 3; y: str\n",
        "if (n := 3) > 2: x = {'a': 1, **y}; z = x[1:2, ::3]",
        "x = 'a' \\\n    'b'\r\ny = 3\rz = 4",
        "# -*- coding: latin-1 -*-\nx = '\xe9'",
    ],
)
def test_python_3_is_left_alone(text: str) -> None:
    source = text.encode("latin-1")
    ast.parse(source)
    assert findings(source, "a.py") == []


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("try:\n    x = unicode(y)\nexcept Exception:\n    pass", "write `str` in place of `unicode`"),
        ("try:\n    pass\nfinally:\n    unichr(3)", "write `chr` in place of `unichr`"),
        ("if x > 3:\n    raw_input()", "write `input` in place of `raw_input`"),
    ],
)
def test_what_expects_something_else_is_no_guard(text: str, change: str) -> None:
    assert [each for _, each in changes(text)] == [change]


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"(" * 100_000,
        b"x = " + b"(" * 90 + b")" * 90 + b"[0]" * 100_000,
        b"x = " + b"-" * 100_000 + b"1",
        b"x = " + b"a." * 60_000 + b"a",
        b"x = 1" + b" + 1" * 40_000,
        b"if x:\n" * 5 + b" " * 100_000,
        b"".join(b" " * depth + b"if x:\n" for depth in range(1_000)),
        b"`" * 100_000,
        b"'''" * 100_001,
        b"'" + b"\\" * 100_001,
        b"print x\n" * 20_000,
        b"def f(" * 50_000,
        b"lambda " * 5_000 + b": (",
        b"\0" * 1_000,
        b"\xff\xfe\0\n\x80" * 1_000,
        b"# coding: nonsense\nprint 3",
        b"x = 1 \\",
        b"",
    ],
)  # fmt: skip
def test_hostile_files_are_only_long(source: bytes) -> None:
    for found in findings(source, "a.py")[:3]:
        assert len(found.text) <= 120
        assert len(found.change) <= 400
