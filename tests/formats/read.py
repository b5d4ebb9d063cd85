"""Reads the reports of a folder with the programs that they are made for, and compares what those understand with expected.json."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import junitparser
from sarif import loader

readers, folder = map(Path, sys.argv[1:3])
here = Path(__file__).parent
expected = json.loads((folder / "expected.json").read_text("utf-8"))
# By severity, what is found; and how much of it is silenced by comments.
errors, warnings, infos = (expected[name] for name in ("errors", "warnings", "infos"))
ignored, messages, places = expected["ignored"], expected["messages"], expected["places"]


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r} instead of {wanted!r}")
    print(f"{what}: {found}"[:160])


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{command[0]} {folder}: {done.stdout}{done.stderr}")
    return done.stdout


def matches_schema(schema, report):
    # The schema of SARIF has an expression that only this kind takes.
    checker = readers / "python/bin/check-jsonschema"
    run(checker, "--regex-variant", "python", "--schemafile", schema, folder / report)
    print(f"{report}: matches {schema.name}")


# SARIF: the schema of 2.1.0, and sarif-tools, which counts what is suppressed unless a filter says otherwise.
schemas = readers / "node/node_modules/@microsoft/jest-sarif/lib/schemas"
matches_schema(schemas / "sarif-2.1.0-rtm.5.json", "report.sarif")
sarif = loader.load_sarif_file(str(folder / "report.sarif"))
same("sarif-tools, all", sarif.get_result_count(), errors + warnings + infos + ignored)
sarif.init_general_filter("not suppressed", {"default-include": False}, [], [{"suppression": "inSource"}])
report = sarif.get_report()
counts = [report.get_issue_count_for_severity(level) for level in ("error", "warning", "note")]
same("sarif-tools", counts, [errors, warnings, infos])
records = sarif.get_records()
same("sarif-tools, places", sorted(f"{unquote(r['Location'])}:{r['Line']}" for r in records), places)

# GitLab: what its documentation asks for.
matches_schema(here / "gitlab.schema.json", "report.gitlab")
issues = json.loads((folder / "report.gitlab").read_text("utf-8"))
same("gitlab", sorted(issue["description"] for issue in issues), messages)
same("gitlab, fingerprints", len({issue["fingerprint"] for issue in issues}), len(issues))

# JUnit.
suites = junitparser.JUnitXml.fromfile(str(folder / "report.junit"))
cases = [case for suite in suites for case in suite]
same("junitparser, cases", len(cases), errors + warnings + infos + ignored + 1)
same("junitparser, counts", [suites.failures, suites.skipped, suites.errors], [errors + warnings, ignored, 0])
kinds = Counter(type(result).__name__ for case in cases for result in case.result)
same("junitparser, results", [kinds["Failure"], kinds["Skipped"], kinds["Error"]], [errors + warnings, ignored, 0])

# checkstyle: the reader of a bot for merge requests.
script = """
const { readFileSync } = require("fs");
const { xml2js } = require("xml-js");
const { parseCheckstyle } = require("danger-plugin-lint-report/dist/parse/checkstyle_parser");
const report = xml2js(readFileSync(process.argv[1], "utf-8"));
console.log(JSON.stringify(parseCheckstyle(report, "/")));
"""
node = ["node", "--input-type=commonjs", "-e", script, folder / "report.checkstyle"]
done = subprocess.run(
    [str(word) for word in node], cwd=readers / "node", capture_output=True, text=True, encoding="utf-8"
)
if done.returncode:
    sys.exit(f"checkstyle: {done.stderr}")
violations = json.loads(done.stdout)
same("checkstyle", sorted(v["message"] for v in violations), messages)
kinds = Counter(v["severity"] for v in violations)
same("checkstyle, severities", [kinds["error"], kinds["warning"], kinds["info"]], [errors, warnings, infos])

# reviewdog: its schema, with nothing besides.
(folder / "rdjson.json").write_bytes((folder / "report.rdjson").read_bytes())
validator = readers / "node/node_modules/.bin/rdformat-validator"
run(validator, "--strict", "--no-extra-fields", folder / "rdjson.json")
diagnostics = json.loads((folder / "report.rdjson").read_text("utf-8"))["diagnostics"]
kinds = Counter(d["severity"] for d in diagnostics)
same("rdjson", [kinds["ERROR"], kinds["WARNING"], kinds["INFO"]], [errors, warnings, infos])
