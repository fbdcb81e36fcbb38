"""Strangers' files are opened in a process apart: little memory, little time, no file to write.

Reading PDFs and images is the work of large libraries written in C. What makes them crash, run on or ask for
all memory ends that process and not ours. It is given neither our environment nor our connections, but runs
under our own system account: it bounds accidents and mischief, and is no prison for code that took it over.
"""

import json
import logging
import subprocess
import sys
from pathlib import Path

logger = logging.getLogger(__name__)

SCRIPT = Path(__file__).with_name("opening.py")
# Seconds on the clock; the process also counts its own.
PATIENCE = 30
# How the system ends a process that has used up its time: SIGXCPU, SIGKILL.
OUT_OF_TIME = (-24, -9)


def ask(job, content, **details):
    """Has a job of `opening.py` done on these bytes.

    Returns what it found as a dict, and the bytes that it made. `problem` in the dict says why there are
    none: what the job found wrong, `too_long`, or `broken` when the process ended badly.
    """
    order = json.dumps({"job": job, **details}).encode() + b"\n"
    try:
        done = subprocess.run(
            # -I: the process heeds neither Python's variables nor a folder that somebody may write to.
            [sys.executable, "-I", str(SCRIPT)],
            input=order + content,
            capture_output=True,
            timeout=PATIENCE,
            env={"MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        logger.warning("Opening a file (%s) took more than %s seconds", job, PATIENCE)
        return {"problem": "too_long"}, b""
    if done.returncode in OUT_OF_TIME:
        logger.warning("Opening a file (%s) took more time of the processor than it may", job)
        return {"problem": "too_long"}, b""
    answer, _newline, made = done.stdout.partition(b"\n")
    try:
        return json.loads(answer), made
    except ValueError:
        logger.warning(
            "Opening a file (%s) ended with %s: %s",
            job,
            done.returncode,
            done.stderr[-500:].decode("utf-8", "replace"),
        )
        return {"problem": "broken"}, b""
