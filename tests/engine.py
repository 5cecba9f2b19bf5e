"""engine.py - what is in the engine that msgext-ship has brought lines to."""
import json
import subprocess


def sql(conninfo, command, check=True):
    """The answer, bare; check=False: empty where there is none."""
    return subprocess.run(["psql", "-XAtqc", command, conninfo], stdout=subprocess.PIPE, check=check,
                          stderr=None if check else subprocess.DEVNULL).stdout.decode()


def empty(conninfo):
    """Nothing was brought to it."""
    sql(conninfo, "truncate msgext_node, msgext_file, msgext_line restart identity cascade")


def records(conninfo):
    """Its lines, read."""
    lines = sql(conninfo, "select encode(line, 'hex') from msgext_line").split()
    return [json.loads(bytes.fromhex(line)) for line in lines]
