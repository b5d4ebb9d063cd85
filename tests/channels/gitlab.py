"""Fills in the inputs of a GitLab component as GitLab does, where each stands alone or in a text.

usage: gitlab.py TEMPLATE OUT [INPUT=VALUE]...

Writes OUT/header.yml, OUT/job.yml and OUT/script, which runs the job's scripts in its variables.
"""
import re
import shlex
import sys
from pathlib import Path

import yaml

template, out, *given = sys.argv[1:]
header, body = Path(template).read_text().split("\n---\n")
Path(out, "header.yml").write_text(header)

inputs = {name: spec["default"] for name, spec in yaml.safe_load(header)["spec"]["inputs"].items()}
for item in given:
    name, value = item.split("=", 1)
    assert name in inputs, name
    inputs[name] = value
used = set()


def fill(node):
    if isinstance(node, dict):
        return {fill(key): fill(value) for key, value in node.items()}
    if isinstance(node, list):
        return [fill(value) for value in node]
    if isinstance(node, str):
        def value(match):
            used.add(match[1])
            return inputs[match[1]]
        return re.sub(r"\$\[\[ ?([a-z-]+) ?\]\]", value, re.sub(r"\$\[\[ inputs\.", "$[[ ", node))
    return node


jobs = fill(yaml.safe_load(body))
assert used == set(inputs), f"inputs without use: {set(inputs) - used}"
Path(out, "job.yml").write_text(yaml.safe_dump(jobs))
[job] = jobs.values()
lines = ["set -e"]
for name, value in job["variables"].items():
    if isinstance(value, dict):
        assert value["expand"] is False
        value = value["value"]
    assert isinstance(value, str), name
    lines.append(f"export {name}={shlex.quote(value)}")
lines += job["before_script"] + job["script"]
Path(out, "script").write_text("\n".join(lines) + "\n")
