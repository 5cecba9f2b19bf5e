#!/usr/bin/env python3
"""coverage.py LCOV FLOORS FILE... - how many lines and branches of the files do the tests reach?

LCOV is what llvm-cov exports.  Prints a row for each file, then the lines of those that are below their
floor.  Ends with 1 where one is: below 100 % of its lines or 95 % of its branches, or below what FLOORS
has for it.  A row of FLOORS is the file, percents of lines and of branches, and what it is that no test
reaches: without that, or for a file that is not counted, it is no row.  It goes on in lines that begin with
a blank.
"""
import re
import sys

FLOOR = (100.0, 95.0)


def lcov_read(path):
    """{file: ({line: times}, {(line, block, branch): times})}"""
    files = {}
    with open(path, encoding='utf-8') as lcov:
        for row in lcov:
            kind, _, value = row.rstrip('\n').partition(':')
            if kind == 'SF':
                lines, branches = files.setdefault(value, ({}, {}))
            elif kind == 'DA':
                line, times = value.split(',')[:2]
                lines[int(line)] = lines.get(int(line), 0) + int(times)
            elif kind == 'BRDA':
                line, block, branch, times = value.split(',')
                key = (int(line), block, branch)
                branches[key] = branches.get(key, 0) + (0 if times == '-' else int(times))
    return files


def floors_read(path, files):
    """{file: (lines, branches)}"""
    floors = {}
    with open(path, encoding='utf-8') as rows:
        for row in rows:
            if row.startswith(('#', ' ')) or not row.strip():
                continue
            parts = re.fullmatch(r'(\S+)\s+(\d+)\s+(\d+)\s+\S.*', row.strip())
            if not parts:
                sys.exit(f'{path}: not a file, two percents and what is not reached: {row.strip()}')
            if parts[1] in floors or parts[1] not in files:
                sys.exit(f'{path}: {parts[1]} has two rows, or is not counted')
            floors[parts[1]] = (float(parts[2]), float(parts[3]))
    return floors


def share(reached, all_):
    return 100.0 * reached / all_ if all_ else 100.0


def places(times_of):
    return ' '.join(map(str, sorted({key for key, times in times_of if times == 0})))


def main():
    lcov, floors, *files = sys.argv[1:]
    found = lcov_read(lcov)
    floors = floors_read(floors, files)
    low, raised = 0, {}
    print(f'{"file":28} {"lines":>6} {"reached":>8} {"branches":>9} {"reached":>8}')
    for file in files:
        path = min((path for path in found if path.endswith('/' + file)), key=len, default=None)
        lines, branches = found.get(path, ({0: 0}, {(0, '', ''): 0}))
        reached = [share(sum(times > 0 for times in kind.values()), len(kind)) for kind in (lines, branches)]
        if file in floors and any(int(have) > floor for have, floor in zip(reached, floors[file])):
            raised[file] = [int(percent) for percent in reached]
        print(f'{file:28} {len(lines):6} {reached[0]:7.2f}% {len(branches):9} {reached[1]:7.2f}%')
        for kind, percent, floor in zip(('lines', 'branches'), reached, floors.get(file, FLOOR)):
            if percent < floor:
                low += 1
                times_of = lines.items() if kind == 'lines' else ((key[0], n) for key, n in branches.items())
                print(f'  {kind}: below {floor:.0f} %; not reached: {places(times_of)}')
    for file, floor in raised.items():
        print(f'{file}: tests/coverage may say {floor[0]} and {floor[1]}, or lose the row')
    return 1 if low else 0


if __name__ == '__main__':
    sys.exit(main())
