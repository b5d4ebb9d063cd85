//! Mutations that know lines and words: what was well-formed often stays nearly so, and gets to where bytes alone do not.

use crate::GENERATED;
use libfuzzer_sys::fuzzer_mutate;

/// Text that is put between the words of a script.
pub const SHELL: [&str; 58] = [
    " ",
    "\n",
    "\r\n",
    "\t",
    ";",
    ";;",
    " & ",
    " && ",
    " | ",
    " || ",
    "! ",
    "(",
    ")",
    "((",
    "))",
    "{ ",
    "; }",
    "[[ ",
    " ]]",
    "<<EOF\n",
    "<<'EOF'\n",
    "<<-EOF\n",
    "\nEOF\n",
    "<<<",
    "'",
    "\"",
    "`",
    "\\",
    "\\\n",
    "$(",
    "$((",
    "${X:-",
    "}",
    "${{ inputs.x }}",
    "# ",
    "if x; then ",
    "\nelse\n",
    "\nfi\n",
    "while x; do ",
    "until x; do ",
    "\ndone\n",
    "for i in {1..9}; do ",
    "for ((i=0;i<9;i++)); do ",
    "case $1 in a) ",
    "\nesac\n",
    "f() {\n",
    "local X=$1\n",
    "X=$((X+1))\n",
    "sleep 5\n",
    "exit 1\n",
    "break\n",
    "[ $X -lt 30 ]",
    "docker compose up -d\n",
    "ssh h ",
    "bash -c \"",
    "timeout 5 ",
    "curl --retry 3 x\n",
    "é",
];

/// Text that is put into YAML.
pub const YAML: [&str; 46] = [
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "- ",
    ": ",
    "? ",
    "# ",
    " #",
    "|\n",
    ">\n",
    "|-\n",
    ">+\n",
    "|2\n",
    ">1-\n",
    "|+2\n",
    "| # x\n",
    "'",
    "''",
    "\"",
    "\\n",
    "\\x41",
    "\\u00e9",
    "\\\n",
    "\\ ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "!x ",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "é",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "run: |\n",
    "script:\n",
    "env:\n",
];

/// Mutates an input in place, and gives its new length.
pub fn mutate(data: &mut [u8], size: usize, most: usize, seed: u32, parts: &[&str]) -> usize {
    let mut random = Random(u64::from(seed) | 1 << 32);
    // What is generated hangs on every byte; a third of the texts is left to the bytes as well.
    if size == 0 || data[0] == GENERATED || random.below(3) == 0 {
        return fuzzer_mutate(data, size, most);
    }
    let text = String::from_utf8_lossy(&data[..size]).into_owned();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        change(&mut lines, &mut random, parts);
    }
    let changed = lines.concat();
    let length = changed.len().min(most);
    data[..length].copy_from_slice(&changed.as_bytes()[..length]);
    length
}

fn change(lines: &mut Vec<String>, random: &mut Random, parts: &[&str]) {
    if lines.is_empty() {
        lines.push(String::new());
    }
    let at = random.below(lines.len());
    let other = random.below(lines.len());
    let part = parts[random.below(parts.len())];
    match random.below(10) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines[at].insert_str(0, "  "),
        4 => lines[at] = lines[at].trim_start_matches([' ', '\t']).to_owned(),
        5 => {
            // A stretch of lines goes into another one.
            let end = (at + 1 + random.below(8)).min(lines.len());
            let moved: Vec<String> = lines.drain(at..end).collect();
            let to = random.below(lines.len() + 1);
            lines.splice(to..to, moved);
        }
        6 => {
            // Something is opened before a stretch of lines, and closed behind it.
            let end = (at + 1 + random.below(8)).min(lines.len());
            lines.insert(end, parts[random.below(parts.len())].to_owned());
            lines.insert(at, part.to_owned());
        }
        7 => {
            let line = &mut lines[at];
            let ending = line.len() - line.trim_end_matches(['\n', '\r']).len();
            let cut = line.len() - ending;
            line.replace_range(cut.., if random.below(2) == 0 { "\r\n" } else { "" });
        }
        _ => {
            let line = &mut lines[at];
            let mut place = random.below(line.len() + 1);
            while !line.is_char_boundary(place) {
                place -= 1;
            }
            line.insert_str(place, part);
        }
    }
}

/// Numbers that are random enough.
pub struct Random(u64);

impl Random {
    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}
