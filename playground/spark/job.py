"""
Answers a file of JSON lines with a program, partition by partition:

    spark-submit job.py PROGRAM INPUT OUTPUT [PARTITIONS]

Each partition runs `paw map` as a filter, which loads the model once (about a second, half a gigabyte). On a cluster,
`paw` and the interpreter lie on every machine (`npm install --global unplugin-paw`, `paw fetch`), and the program comes with
`--files`.
"""

import os
import shlex
import sys

from pyspark.sql import SparkSession

program, source, target, *partitions = sys.argv[1:]
spark = SparkSession.builder.appName("paw map").getOrCreate()
lines = spark.sparkContext.textFile(source, *map(int, partitions))
# A line that fails is its own answer; what ends the filter fails the task, and Spark tries that partition again.
# (Without `env` the filter would have no PATH to be found by.)
answers = lines.pipe(f"paw map {shlex.quote(program)}", env=dict(os.environ), checkCode=True)
answers.saveAsTextFile(target)
spark.stop()
