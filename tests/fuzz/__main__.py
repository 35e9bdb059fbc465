"""Feed random input to the library until the time is up: `python -m tests.fuzz --seconds 30 --seed 1`.

Every case depends on the seed and its number alone; `--case` runs one again.
"""

from __future__ import annotations

import argparse
import faulthandler
import sys
import time

from tests.fuzz.contract import obey
from tests.fuzz.inputs import Inputs

HANG = 60
"""How many seconds one case may take before it counts as a hang."""


def run_case(seed: int, number: int) -> None:
    """Run one case."""
    inputs = Inputs(f"{seed}/{number}")
    text, mapping, document = inputs.text(), inputs.candidate(), inputs.document()
    try:
        obey(text, mapping, document)
    except Exception as error:
        shown = text if len(text) < 2_000 else f"{text[:1_000]} ... {len(text)} characters"
        error.add_note(f"case {seed}/{number}\ntext: {shown!r}\nmapping: {mapping!r}\ndocument: {document!r}")
        raise


def main() -> int:
    """Run cases, and return 1 when one of them breaks the contract."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("--seconds", type=float, default=30)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--case", type=int, help="run only the case of this number")
    chosen = arguments.parse_args()
    if chosen.case is not None:
        run_case(chosen.seed, chosen.case)
        return 0
    end = time.monotonic() + chosen.seconds
    number = 0
    while time.monotonic() < end:
        faulthandler.dump_traceback_later(HANG, exit=True)
        try:
            run_case(chosen.seed, number)
        except Exception:
            sys.excepthook(*sys.exc_info())
            print(f"again: python -m tests.fuzz --seed {chosen.seed} --case {number}")
            return 1
        number += 1
    faulthandler.cancel_dump_traceback_later()
    print(f"{number} cases of seed {chosen.seed}: every one an answer or a MatchmakerError")
    return 0


if __name__ == "__main__":
    sys.exit(main())
