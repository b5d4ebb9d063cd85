#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets, in fuzz/corpus/, from what stands in fixtures/ and rules/.

The shell reader gets the scripts, the YAML one the files that they stand in. A folder of other projects as an argument is
taken as well. What begins with a zero byte is for the generators.
"""

import hashlib
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST = 20_000
SCRIPT = re.compile(r"^( *(?:- +)*)(?:run|script|command|before_script|inlineScript): *[|>][-+0-9]*[^\n]*\n", re.MULTILINE)
FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def keep(target, data):
    folder = ROOT / "fuzz" / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    if 0 < len(data) <= MOST:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def scripts(text):
    """The block scalars under keys of scripts, without their indentation."""
    for found in SCRIPT.finditer(text):
        own, lines = len(found[1]), []
        for line in text[found.end() :].splitlines(keepends=True):
            if line.strip() and len(line) - len(line.lstrip(" ")) <= own:
                break
            lines.append(line)
        full = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
        yield "".join(line[min(full, default=0) :] or "\n" for line in lines)


def take(path, text):
    if path.suffix in (".yml", ".yaml"):
        keep("yaml", text.encode())
        for script in scripts(text):
            keep("shell", script.encode())
    elif path.suffix in (".sh", ".bash") or text.startswith("#!"):
        keep("shell", text.encode())


def main():
    folders = [ROOT / "fixtures", *map(pathlib.Path, sys.argv[1:])]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            take(path, path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, OSError):
            continue
    for page in sorted((ROOT / "rules").glob("*.md")):
        for kind, text in FENCED.findall(page.read_text(encoding="utf-8")):
            ending = {"yaml": ".yml", "yml": ".yml", "sh": ".sh", "bash": ".sh"}.get(kind)
            if ending:
                take(page.with_suffix(ending), text)
    numbers = random.Random(1)
    for target in ("shell", "yaml"):
        for length in (20, 60, 200, 600):
            for _ in range(10):
                keep(target, b"\0" + numbers.randbytes(length))


main()
