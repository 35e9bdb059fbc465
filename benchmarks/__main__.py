"""`python -m benchmarks`: run the cases and print their tables."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.cases.batches import batches
from benchmarks.cases.cluster import cluster
from benchmarks.cases.compiling import compiling
from benchmarks.cases.curves import best_ten, how_many
from benchmarks.cases.explain import explaining
from benchmarks.cases.filtering import filtering, one_answer, text_values
from benchmarks.cases.growth import growth
from benchmarks.cases.information import documents, engines, ranking
from benchmarks.cases.intake import intake, memory, small
from benchmarks.cases.live import live
from benchmarks.cases.ovirt import serving
from benchmarks.cases.place import placing, placing_by_size
from benchmarks.cases.scale import best, counting, ordering
from benchmarks.cases.starting import starting
from benchmarks.columnar_peers import COLUMN_PEERS
from benchmarks.peers import PEERS
from benchmarks.plots import draw
from benchmarks.report import Row, Section, as_json, as_markdown, as_text, versions, write_page
from benchmarks.settings import Settings, WrongAnswer, progress

CASES: dict[str, tuple[str, Callable[[Settings], list[Row]]]] = {
    "matches": ("One answer", one_answer),
    "filter": ("Filtering a pool", filtering),
    "texts": ("Values that are texts", text_values),
    "compile": ("Compiling", compiling),
    "start": ("Starting", starting),
    "growth": ("Long and deep expressions", growth),
    "rank": ("Ranking", ranking),
    "engines": ("The engines", engines),
    "documents": ("OpenNebula's documents", documents),
    "count": ("A million candidates: how many match", counting),
    "best": ("A million candidates: the best ten", best),
    "order": ("A million candidates: all that match, in order", ordering),
    "columns": ("From dicts to columns", intake),
    "memory": ("Memory", memory),
    "small": ("A pool of 300", small),
    "explain": ("Explaining", explaining),
    "batches": ("Many requests", batches),
    "live": ("A pool that changes", live),
    "cluster": ("Several processes", cluster),
    "place": ("The scheduler driver", placing),
    "place-by-size": ("The scheduler driver, by size", placing_by_size),
    "ovirt": ("oVirt's external scheduler", serving),
    "count-by-size": ("How many match, by pool size", how_many),
    "best-by-size": ("The best ten, by pool size", best_ten),
}
PLOTS = {
    "count-by-size": ("cost-by-pool-size.svg", "len(match(pool, R2)), one thread"),
    "best-by-size": ("cost-by-pool-size-best-ten.svg", "match(pool, R2, K2, limit=10), one thread"),
}
"""The file and the line below the title of each case that is drawn."""
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases; 1 when a subject gives a wrong answer, 0 otherwise, whatever the times are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"which to run: {', '.join(CASES)}; all by default")
    parser.add_argument(
        "--quick", action="store_true", help="run small, to see that everything works: no times to quote"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON; times in seconds")
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    parser.add_argument("--page", action="store_true", help="put tables and plots into docs/explanation/performance.md")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw the plots of the cases that have one")
    options = parser.parse_args(arguments)
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    if options.page and (options.quick or options.cases):
        parser.error("the page takes the tables of a whole run")
    settings = Settings(quick=options.quick)

    sections: list[Section] = []
    plots = PAGE.parent if options.page else options.plots
    for name in options.cases or CASES:
        title, case = CASES[name]
        begin = perf_counter()
        try:
            rows = case(settings)
        except WrongAnswer as error:
            print(f"{title}: {error}", file=sys.stderr)
            return 1
        seconds = perf_counter() - begin
        progress(f"{title}: {seconds:.1f} s")
        sections.append(Section(title, rows, seconds))
        if plots is not None and name in PLOTS:
            file, about = PLOTS[name]
            draw(sections[-1], plots / file, about)

    packages = ["lark", *sorted({peer.package for peer in (*PEERS, *COLUMN_PEERS)} | {"distributed"})]
    found = versions(packages)
    remarks = ["Versions: " + ", ".join(f"{name} {number}" for name, number in found.items()) + "."]
    if settings.quick:
        remarks.append("A quick run: it shows that everything works, and the times mean nothing.")
    tables = as_markdown(sections, remarks)
    print(tables if options.markdown else as_text(sections) + " ".join(remarks))
    if options.json is not None:
        options.json.write_text(as_json(sections, {"quick": settings.quick, "versions": found}), "utf-8")
    if options.page:
        write_page(PAGE, tables)
    return 0


if __name__ == "__main__":
    sys.exit(main())
