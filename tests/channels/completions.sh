#!/usr/bin/env bash
# Completions load in bash, zsh and fish, and know a subcommand, a flag and a rule.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
program
export HOME=$scratch/home XDG_CONFIG_HOME=$scratch/home/.config XDG_DATA_HOME=$scratch/home/.local
mkdir -p "$scratch/home" "$scratch/bin"
mv "$upbeat" "$scratch/bin/upbeat"
export PATH=$scratch/bin:$PATH
for shell in bash zsh fish; do upbeat completions "$shell" >"$scratch/completions.$shell"; done

# What is typed, and what it has to become.
typed=('upbeat timel' 'upbeat check --changed-l' 'upbeat check --select wait-below-')
expected=(timeline --changed-lines wait-below-budget)
loaded=

in_bash() {
  # shellcheck disable=SC2016 # the inner shell's
  bash --norc --noprofile -c '
    set -u
    . "$1"
    read -ra COMP_WORDS <<<"$2"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
    function=$(complete -p upbeat)
    function=${function#*-F } function=${function%% *}
    "$function" upbeat "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf "%s\n" "${COMPREPLY[@]}"
  ' bash "$scratch/completions.bash" "$1"
}

# zsh completes only at a prompt: one in a terminal of its own, which is asked by keys, and shows the line that they have made.
cat >"$scratch/ask.zsh" <<'ZSH'
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell 'PS1=; unsetopt prompt_sp; stty cols 1000 -echo; fpath=('${(q)1}' $fpath); autoload -U compinit; compinit -u -D'
zpty -w shell 'show() { print -r -- "<$BUFFER>"; exit }; zle -N show; bindkey "^I" complete-word; bindkey "^X" show; print rea""dy'
while zpty -r shell line; do [[ $line == *ready* ]] && break; done
zpty -n -w shell "$2"$'\t\x18'
while zpty -r shell line; do print -r -- "$line"; done
ZSH
in_zsh() { zsh -f "$scratch/ask.zsh" "$scratch/functions" "$1" | tr -d '\r' | grep -o '<[^>]*>$'; }

in_fish() {
  # shellcheck disable=SC2016
  fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$scratch/completions.fish" "$1" | cut -f 1
}

mkdir "$scratch/functions"
cp "$scratch/completions.zsh" "$scratch/functions/_upbeat"
for shell in bash zsh fish; do
  if ! command -v "$shell" >/dev/null; then
    echo "there is no $shell"
    continue
  fi
  for index in "${!typed[@]}"; do
    out=$("in_$shell" "${typed[index]}" </dev/null 2>&1) || fail "$shell does not complete ${typed[index]}"
    says "${expected[index]}"
  done
  # Nothing is offered that does not fit.
  out=$("in_$shell" 'upbeat check --select no-such-' </dev/null 2>&1) || true
  ! grep -qF 'wait-below-budget' <<<"$out" || fail "$shell offers what does not fit"
  loaded+=" $shell"
done

echo "completions: loaded in$loaded"
