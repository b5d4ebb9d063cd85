#!/usr/bin/env node
// Starts the program that the package for this platform holds.
"use strict";

const { spawnSync } = require("node:child_process");

// upbeat's own exit code for "it could not run".
const COULD_NOT_RUN = 2;

const name = `upbeat-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "upbeat.exe" : "upbeat";

function fail(message) {
  process.stderr.write(`upbeat: ${message}\n`);
  process.exit(COULD_NOT_RUN);
}

let program;
try {
  program = require.resolve(`${name}/bin/${file}`);
} catch {
  const known = Object.keys(require("../package.json").optionalDependencies);
  fail(
    known.includes(name)
      ? `the package ${name} is not installed. It is an optional dependency: install without --omit=optional (--no-optional),` +
          " and on the system that the program is to run on."
      : `there is no program for ${process.platform} on ${process.arch} (there are ${known.join(", ")}); cargo can build it from source.`,
  );
}

const { status, signal, error } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  fail(`${program} cannot be started: ${error.message}`);
}
if (signal) {
  process.kill(process.pid, signal);
}
process.exit(status ?? COULD_NOT_RUN);
