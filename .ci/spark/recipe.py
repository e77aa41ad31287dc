#!/usr/bin/env python3
"""Converts tables with Apache Spark, one task for each part, and merges the parts:

    spark-submit recipe.py --parts 64 --folder /shared/parts --output /shared/graph.nt -- big.csv --minimal

What stands behind `--` goes to `coalition-kg convert`. The program has to be on every node, the tables
and the folder on a file system that all of them see, under the same path. A task that is run again, on
this node or another, makes the same part in place of what is there.

Spark passes no rows: each task reads its own part of the tables. `rdd.pipe` would cut them into
lines, and with them the cells that have line breaks in quotes.
"""

import argparse
import os
import subprocess

from pyspark import SparkConf, SparkContext


def convert(part, parts, program, folder, arguments):
    """Makes one part; what is wrong with it fails the task, and Spark tries again."""
    command = [program, "convert", *arguments, "--shard", f"{part}/{parts}", "--output", folder]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"part {part} ended with {ended.returncode}\n{ended.stderr}")
    return part, ended.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--program", default="coalition-kg")
    parser.add_argument("--parts", type=int, required=True, help="two or more for each core")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    parts, program, arguments = options.parts, options.program, options.arguments
    if "--threads" not in arguments:
        # Spark counts one core for each task, unless spark.task.cpus says otherwise.
        arguments = [*arguments, "--threads", "1"]

    # The master is that of spark-submit; what is set here would win over it. Without spark-submit Spark
    # uses all cores of this machine.
    spark = SparkContext(conf=SparkConf().setAppName("coalition-kg"))
    numbers = spark.parallelize(range(1, parts + 1), parts)
    made = numbers.map(lambda part: convert(part, parts, program, folder, arguments)).collect()
    spark.stop()
    for part, messages in made:
        if messages:
            print(f"part {part}\n{messages}", end="")
    subprocess.run([program, "merge", folder, "--output", options.output], check=True)


if __name__ == "__main__":
    main()
