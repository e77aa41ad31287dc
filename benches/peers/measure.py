#!/usr/bin/env python3
"""Times engines on workloads in interleaved rounds, compares what they write, and prints a table for each workload.

Called by `run`, which sets up what is needed. One round runs every pair of a workload and an engine once, each as a
process of its own. Wall time is that of a monotonic clock around the process; CPU time and peak memory are what the
system tells of it when it ends (CPU: user and system, with the processes that it waited for; memory: of the largest
one, and not below the 15 MB of this script). After an engine's first good run its output is digested.

BENCH_ENGINES='NAME=COMMAND with {dir} and {out};…' adds engines.
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Callable

from workloads import WORKLOADS, make

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PEERS = os.environ["PEERS"]
RELEASE = os.environ.get("COALITION_KG_RELEASE", f"{ROOT}/target/release")
YARDSTICK = f"{PEERS}/yardstick/release/yardstick"

ALL = set(WORKLOADS)
ONE_TABLE = ALL - {"gtfs", "joins"}

# The digests of the right outputs at the usual sizes: README.md says how we know.
RIGHT = {"wide": "a1871e88", "wide100k": "223665c7", "small": "c4039c86", "quirks": "12e89131",
         "duplicates": "58e4a9e7", "joins": "13cd44a0", "gtfs": "0bdd40a7"}


@dataclass
class Engine:
    """Makes the command for a workload's folder and an output file, and whatever the command needs."""
    command: Callable[[str, str], list[str]]
    kind: str
    workloads: set[str] = field(default_factory=lambda: ALL)
    # Which of our rows it is compared with: the first that was run.
    beside: tuple[str, ...] = ("coalition-kg-rml", "coalition-kg")
    # Whether the output is N-Triples.
    triples: bool = True


def venv(name):
    return f"{PEERS}/venv-{name}/bin/python"


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def convert(*options, metadata="csvw.json"):
    return lambda folder, out: [f"{RELEASE}/coalition-kg", "convert", "--quiet", f"{folder}/{metadata}",
                                *options, "--output", out]


def build(*rules):
    """A project of the workload's table; only rules need a store."""
    def prepare(folder, out):
        project = f"{out}.project"
        shutil.rmtree(project, ignore_errors=True)
        os.makedirs(f"{project}/data")
        os.makedirs(f"{project}/ontology/rules")
        os.symlink(f"{folder}/csvw.json", f"{project}/data/csv-metadata.json")
        os.symlink(f"{folder}/data.csv", f"{project}/data/data.csv")
        write(f"{project}/kg.toml", "")
        for number, rule in enumerate(rules):
            write(f"{project}/ontology/rules/{number}.rq", rule)
        return [f"{RELEASE}/coalition-kg", "build", "--quiet", "--project", project, "--output", out]
    return prepare


def store(*command):
    """A loader of N-Triples, which the fastest yardstick writes beforehand."""
    def prepare(folder, out):
        source = f"{out}.source.nt"
        if not os.path.exists(source):
            subprocess.run([YARDSTICK, "tuned", folder, source], check=True)
        shutil.rmtree(f"{out}.store", ignore_errors=True)
        return [*command, source, *([f"{out}.store"] if "disk" in out else [])]
    return prepare


def morph(processes, partition):
    return lambda folder, out: [venv("morph"), "-m", "morph_kgc", write(f"{out}.ini", (
        f"[CONFIGURATION]\noutput_file: {out}\nnumber_of_processes: {processes}\nlogging_level: ERROR\n"
        f"mapping_partitioning: {partition}\noutput_format: N-TRIPLES\n[DS]\nmappings: {folder}/mapping.legacy.ttl\n"))]


def rdfizer(folder, out):
    shutil.rmtree(f"{out}.d", ignore_errors=True)
    return [venv("sdm"), "-m", "rdfizer", "-c", write(f"{out}.ini", (
        f"[default]\nmain_directory: {out}.d\n[datasets]\nnumber_of_datasets: 1\noutput_folder: {out}.d\n"
        "all_in_one_file: yes\nremove_duplicate: yes\nenrichment: yes\nname: out\nordered: yes\nlarge_file: false\n"
        f"[dataset1]\nname: out\nmapping: {folder}/mapping.legacy.ttl\n"))]


def flexrml(*options):
    return lambda folder, out: [venv("flex"), f"{PEERS}/flex-rml/src/flexrml/flexcore.py",
                                "-m", f"{folder}/mapping.rml.ttl", "-o", out, *options]


def python(name, script, *options):
    return lambda folder, out: [venv(name), f"{HERE}/engines/{script}", folder, out, *options]


def node(script):
    return lambda folder, out: ["node", "--max-old-space-size=16000", f"{HERE}/engines/{script}", folder, out]


def yardstick(mode, *options):
    return Engine(lambda folder, out: [YARDSTICK, mode, folder, out, *options], "by hand", ONE_TABLE)


def by_mapping(mapping, *options):
    return lambda folder, out: [f"{RELEASE}/coalition-kg", "-q", "convert", "--mapping", f"{folder}/{mapping}",
                                "--format", "ntriples", "--output", out, *options]


MINIMAL = ("--minimal", "--format")
STANDARD = ("coalition-kg-standard",)
STORE = ("coalition-kg-build-store",)
FINDS_NOTHING = "CONSTRUCT { ?s ?p ?s } WHERE { ?s <http://example.org/never> ?p }"
ENGINES = {
    "coalition-kg": Engine(convert(*MINIMAL, "ntriples"), "CSVW, values checked", ONE_TABLE),
    "coalition-kg-1t": Engine(convert(*MINIMAL, "ntriples", "--threads", "1"), "the same, one thread", ONE_TABLE),
    "coalition-kg-keep": Engine(convert(*MINIMAL, "ntriples", "--keep-duplicates"), "the same, duplicates left in",
                                ONE_TABLE),
    "coalition-kg-turtle": Engine(convert(*MINIMAL, "turtle"), "the same as Turtle", ONE_TABLE, triples=False),
    "coalition-kg-standard": Engine(convert("--format", "ntriples"), "CSVW, standard mode", ONE_TABLE),
    "coalition-kg-rml": Engine(by_mapping("mapping.rml.ttl"), "RML"),
    "coalition-kg-rml-1t": Engine(by_mapping("mapping.rml.ttl", "--threads", "1"), "RML, one thread"),
    "coalition-kg-legacy": Engine(by_mapping("mapping.legacy.ttl"), "RML in the older vocabulary"),
    "flexrml": Engine(flexrml(), "RML"),
    "flexrml-1t": Engine(flexrml("--no-threading"), "RML, one thread"),
    "morph": Engine(morph(1, "PARTIAL-AGGREGATIONS"), "RML"),
    "morph-2p": Engine(morph(2, "MAXIMAL"), "RML, two processes"),
    "sdm": Engine(rdfizer, "RML"),
    "rocketrml": Engine(node("rocketrml_run.cjs"), "RML"),
    "maplib": Engine(python("maplib", "maplib_run.py"), "OTTR on data frames"),
    "zazuko": Engine(node("zazuko_run.mjs"), "CSVW, standard mode", ONE_TABLE, STANDARD),
    "duckdb": Engine(python("morph", "duckdb_text.py"), "SQL that joins texts", ONE_TABLE),
    "duckdb-distinct": Engine(python("morph", "duckdb_text.py", "distinct"), "the same, distinct", ONE_TABLE),
    "y-naive": yardstick("naive"),
    "y-tuned": yardstick("tuned"),
    "y-tuned-2t": yardstick("tuned", "2"),
    "y-lines": yardstick("lines"),
    "y-batch": yardstick("batch"),
    "y-rows": yardstick("rows"),
    "coalition-kg-build": Engine(build(), "a project without rules, to Turtle", ONE_TABLE, STORE, triples=False),
    "coalition-kg-build-store": Engine(build(FINDS_NOTHING), "the same by way of a store, for a rule", ONE_TABLE, STORE,
                                       triples=False),
    "oxigraph-load": Engine(store(f"{RELEASE}/examples/oxigraph_load"), "N-Triples to store", ONE_TABLE, STORE,
                            triples=False),
    "pyoxigraph-load": Engine(store(venv("oxi"), f"{HERE}/engines/oxigraph_load.py"), "the same, from Python",
                              ONE_TABLE, STORE, triples=False),
    "pyoxigraph-load-disk": Engine(store(venv("oxi"), f"{HERE}/engines/oxigraph_load.py"),
                                   "the same, on disk", ONE_TABLE, STORE, triples=False),
}
USUAL = ("coalition-kg,coalition-kg-turtle,coalition-kg-standard,coalition-kg-rml,flexrml,morph-2p,sdm,maplib,zazuko,"
         "y-naive,y-tuned,y-batch")

for added in filter(None, os.environ.get("BENCH_ENGINES", "").split(";")):
    name, template = added.split("=", 1)
    ENGINES[name] = Engine(lambda folder, out, words=template.split(): [w.format(dir=folder, out=out) for w in words],
                           "added")


def output_of(engine, out):
    return f"{out}.d/out.nt" if engine == "sdm" else out


def run(engine, workload, timeout):
    """Runs an engine once: wall and CPU seconds, peak MB, exit code (or why there is none), output file."""
    folder, _ = make(f"{PEERS}/data", workload)
    os.makedirs(f"{PEERS}/out", exist_ok=True)
    out = f"{PEERS}/out/{engine}-{os.path.basename(folder)}.{'nt' if ENGINES[engine].triples else 'ttl'}"
    result = output_of(engine, out)
    if os.path.exists(result):
        os.remove(result)
    command = ENGINES[engine].command(folder, out)
    environment = dict(os.environ, PYTHONPATH=f"{PEERS}/flex-rml/src" if "flexrml" in engine else "",
                       PEERS_NPM=f"{PEERS}/npm")
    with open(f"{out}.log", "wb") as log:
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=log, start_new_session=True)
        timer = threading.Timer(timeout, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
    code = "too slow" if child.returncode < 0 and wall >= timeout else child.returncode
    return [wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], code, result, f"{out}.log"


def digest(path):
    words = subprocess.run([YARDSTICK, "digest", path], capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(words[0::2], words[1::2]))


def table(workload, rows, rounds):
    """The table of a workload; ratios are of medians in this run."""
    print(f"\n## {workload}, medians of {rounds}\n")
    print("| engine | what | wall s | CPU s | peak MB | triples | distinct | wall ÷ ours | CPU ÷ ours | digest |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    medians = {name: [statistics.median(column) for column in zip(*row["runs"])] for name, row in rows.items()}
    _, is_usual = make(f"{PEERS}/data", workload)
    for name, row in rows.items():
        engine, (wall, cpu, peak) = ENGINES[name], medians[name]
        if row["code"] != 0:
            print(f"| {name} | {engine.kind} | fails: {row['code']} | | | | | | | |")
            continue
        ours = next((medians[ours] for ours in engine.beside if ours in medians and rows[ours]["code"] == 0), None)
        ratios = [f"{mine / our:.2f}" if ours else "" for mine, our in zip((wall, cpu), ours or (1, 1))]
        found = row.get("digest") or {}
        short = found.get("digest", "")[:8]
        says_more = name in STANDARD or engine.beside == STANDARD
        if short and is_usual and not says_more and short != RIGHT[workload]:
            short += " ≠"
        print(f"| {name} | {engine.kind} | {wall:.3f} | {cpu:.3f} | {peak:.0f} | {found.get('lines', '')} "
              f"| {found.get('distinct', '')} | {' | '.join(ratios)} | {short} |")


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, prog="run",
                                     description=f"engines: {', '.join(ENGINES)}\nworkloads: {', '.join(WORKLOADS)}")
    parser.add_argument("-n", type=int, default=3, metavar="ROUNDS")
    parser.add_argument("-e", default=USUAL, metavar="ENGINE,…", help=f"default: {USUAL}")
    parser.add_argument("-w", default=",".join(WORKLOADS), metavar="WORKLOAD,…", help="default: all")
    parser.add_argument("-t", type=float, default=900, metavar="SECONDS", help="the longest that a run may take (900)")
    parser.add_argument("-o", default=f"{PEERS}/results.json", metavar="FILE", help="every run, as JSON")
    parser.add_argument("--keep", action="store_true", help="keep outputs over 50 MB")
    asked = parser.parse_args()
    names = [name for name in asked.e.split(",")
             if asked.e != USUAL or name != "flexrml" or os.path.exists(f"{PEERS}/flex-rml")]
    unknown = (set(names) - set(ENGINES)) | (set(asked.w.split(",")) - set(WORKLOADS))
    if unknown:
        parser.error(f"no engine or workload is called {', '.join(sorted(unknown))}")
    results = {}
    for number in range(asked.n):
        for workload in asked.w.split(","):
            rows = results.setdefault(workload, {})
            for name in names:
                row = rows.get(name, {"runs": [], "code": 0})
                if workload not in ENGINES[name].workloads or row["code"] != 0:
                    continue
                figures, row["code"], output, log = run(name, workload, asked.t)
                row["runs"].append([round(figure, 4) for figure in figures])
                rows[name] = row
                print(f"round {number + 1}: {workload} {name}: {figures[0]:.3f} s, CPU {figures[1]:.3f} s, "
                      f"{figures[2]:.0f} MB", file=sys.stderr, flush=True)
                if row["code"] != 0:
                    print(f"{name} fails: {row['code']}, see {log}", file=sys.stderr)
                elif ENGINES[name].triples and "digest" not in row:
                    row["digest"] = digest(output)
                if os.path.exists(output) and os.path.getsize(output) > 50e6 and not asked.keep:
                    os.remove(output)
                with open(asked.o, "w") as file:
                    json.dump(results, file, indent=1)
    for workload, rows in results.items():
        table(workload, rows, asked.n)


if __name__ == "__main__":
    main()
