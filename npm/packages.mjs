#!/usr/bin/env node
// Makes the packages for npm: `upbeat`, which starts the program, and one for each platform, which holds it. What they say of themselves is
// read from Cargo.toml.
//
// usage: node npm/packages.mjs OUT TARGET=PROGRAM...
//
// TARGET is a Rust target. OUT gets a folder for each package, for `npm pack` or `npm publish`.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// Each static Linux program runs on glibc and on musl, so `libc` is not said.
const PLATFORMS = {
  "x86_64-unknown-linux-gnu": ["linux", "x64"],
  "aarch64-unknown-linux-gnu": ["linux", "arm64"],
  "x86_64-apple-darwin": ["darwin", "x64"],
  "aarch64-apple-darwin": ["darwin", "arm64"],
  "x86_64-pc-windows-msvc": ["win32", "x64"],
};

/** The strings and lists of strings of Cargo.toml's [package], which are written on a line each. */
function cargo() {
  const text = readFileSync(join(root, "Cargo.toml"), "utf8");
  const section = text.split(/^\[/m).find((part) => part.startsWith("package]"));
  const entries = [...section.matchAll(/^(\w[\w-]*) = (".*"|\[.*\])$/gm)];
  return Object.fromEntries(entries.map(([, key, value]) => [key, JSON.parse(value)]));
}

const [out, ...programs] = process.argv.slice(2);
if (!out || !programs.length) {
  console.error("usage: node npm/packages.mjs OUT TARGET=PROGRAM...");
  process.exit(2);
}

const { name, version, description, license, keywords, repository } = cargo();
const shared = {
  version,
  license: `(${license})`,
  ...(repository && { repository: { type: "git", url: `git+${repository}.git` } }),
};

function write(folder, manifest) {
  const path = join(out, folder);
  writeFileSync(join(path, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(join(root, licence), join(path, licence));
  }
}

for (const argument of programs) {
  const at = argument.indexOf("=");
  const [target, program] = [argument.slice(0, at), argument.slice(at + 1)];
  const platform = PLATFORMS[target];
  if (!platform) {
    console.error(`no package is known for the target ${target}`);
    process.exit(2);
  }
  const [os, cpu] = platform;
  const folder = `${name}-${os}-${cpu}`;
  const file = os === "win32" ? `${name}.exe` : name;
  mkdirSync(join(out, folder, "bin"), { recursive: true });
  copyFileSync(program, join(out, folder, "bin", file));
  chmodSync(join(out, folder, "bin", file), 0o755);
  write(folder, {
    name: folder,
    ...shared,
    description: `The program of ${name} for ${os} on ${cpu}`,
    os: [os],
    cpu: [cpu],
    files: ["bin", "LICENSE-*"],
    // So that Yarn keeps it as a file that can be run.
    preferUnplugged: true,
  });
}

mkdirSync(join(out, name, "bin"), { recursive: true });
copyFileSync(join(root, "npm/upbeat.js"), join(out, name, "bin/upbeat.js"));
copyFileSync(join(root, "README.md"), join(out, name, "README.md"));
write(name, {
  name,
  ...shared,
  description,
  keywords,
  bin: { [name]: "bin/upbeat.js" },
  files: ["bin", "LICENSE-*"],
  engines: { node: ">=16" },
  optionalDependencies: Object.fromEntries(
    Object.values(PLATFORMS).map(([os, cpu]) => [`${name}-${os}-${cpu}`, version]),
  ),
});
