# Applies one step: all of it or nothing. Runs as root in a guest or on a node, in any POSIX shell.
#   $1         the step's name
#   stdin      the step, as render-step.ts writes it
#   exit code  0 applied, or in place already; 1 refused or failed, and what was there before is back
set -eu
umask 077
step=$1
home=/var/lib/homelab/steps/$step
new=$home/new       # what is being applied
current=$home/current # what was applied last
before=$home/before # what an application that has not ended yet has replaced

say() { printf '%s: %s\n' "$step" "$1" >&2; }

# Holds the step until this script has ended: one whose caller was killed goes on, and the next must not meet it halfway.
hold() {
  mkdir -p "${home%/*}"
  command -v flock >/dev/null || return 0
  exec 9>>"$home.lock"
  flock -n 9 && return 0
  say 'an earlier application of it still goes on here; waiting for its end, for an hour at most.'
  flock -w 3600 9 && return 0
  say 'an earlier application of it has not ended within an hour; nothing was changed. Look for its processes: fuser '"$home.lock"
  exit 1
}

# read_lines COUNT: copies so many lines of the input.
read_lines() {
  count=$1
  while [ "$count" -gt 0 ]; do
    IFS= read -r line || return 1
    printf '%s\n' "$line"
    count=$((count - 1))
  done
}

# Reads the step into $new: its files below tree/, their list, their owners, its scripts, its revision and its digest.
receive() {
  rm -rf "$new"
  mkdir -p "$new/tree"
  : >"$new/list"
  : >"$new/owners"
  while IFS=' ' read -r kind first second third path; do
    case $kind in
      revision | digest | settle | units) printf '%s\n' "$first${second:+ $second}${third:+ $third}${path:+ $path}" >"$new/$kind" ;;
      script) read_lines "$second" >"$new/$first" || break ;;
      file)
        mkdir -p "$new/tree${path%/*}"
        read_lines "$third" >"$new/tree$path" || break
        printf '%s\n' "$path" >>"$new/list"
        printf '%s %s %s\n' "$first" "$second" "$path" >>"$new/owners"
        ;;
      end) return 0 ;;
      *) break ;;
    esac
  done
  say 'the step did not arrive whole; nothing was changed.'
  exit 1
}

# Gives the staged files their modes and owners; a step that has users of its own creates them first.
own() {
  if ! run "$new/prepare"; then
    say 'could not be prepared; no file was changed.'
    exit 1
  fi
  while IFS=' ' read -r mode owner path; do
    chown "$owner" "$new/tree$path"
    chmod "$mode" "$new/tree$path"
  done <"$new/owners"
}

# Lists the files that differ from what is staged, and those that are no longer part of the step.
compare() {
  : >"$new/changed"
  while IFS= read -r path; do
    [ "$(state_of "$path")" = "$(state_of "$new/tree$path")" ] || printf '%s\n' "$path" >>"$new/changed"
  done <"$new/list"
  : >"$new/removed"
  [ -f "$current/manifest" ] || return 0
  while IFS=' ' read -r _ _ _ path; do
    grep -Fqx -e "$path" "$new/list" || printf '%s\n' "$path" >>"$new/removed"
  done <"$current/manifest"
}

# run SCRIPT: runs one of the step's scripts, its output with our messages; one that is not there succeeds.
run() {
  [ -f "$1" ] || return 0
  # What it makes is for others to read, unless it says otherwise: apt's keys, for one.
  (umask 022 && STAGED=$new/tree exec sh -eu "$1" </dev/null >&2 9>&-)
}

# verified SECONDS: whether the step is in place, at the latest after that time.
verified() {
  left=$1
  until run "$new/verify" 2>"$new/verify.log"; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 1
  done
}

# Whether it still is a moment later: systemd calls a service active that is about to fail.
stays() {
  [ -f "$new/units" ] || return 0
  sleep 2
  run "$new/verify" 2>"$new/verify.log"
}

# keep FILE: puts a file aside, unless an application that was cut off has put aside an older one.
keep() {
  [ ! -e "$before/tree$1" ] && ! grep -Fqx -e "$1" "$before/absent" || return 0
  if [ -e "$1" ] || [ -L "$1" ]; then
    mkdir -p "$before/tree${1%/*}"
    cp -pP "$1" "$before/tree$1"
  else
    printf '%s\n' "$1" >>"$before/absent"
  fi
}

# place FROM TO: replaces a file at once, so that nobody ever reads half of it.
place() {
  (umask 022 && mkdir -p "${2%/*}")
  cp -pP "$1" "$2.homelab-new"
  mv -f "$2.homelab-new" "$2"
}

replace() {
  mkdir -p "$before/tree"
  [ -f "$before/absent" ] || : >"$before/absent"
  while IFS= read -r path; do
    keep "$path"
    place "$new/tree$path" "$path"
    say "$path is replaced."
  done <"$new/changed"
  while IFS= read -r path; do
    keep "$path"
    rm -f "$path"
    say "$path is removed."
  done <"$new/removed"
}

# Puts back what was there before, and lets that take effect if there was anything.
roll_back() {
  there=$(find "$before/tree" ! -type d)
  (cd "$before/tree" && find . ! -type d) | while IFS= read -r path; do
    place "$before/tree${path#.}" "${path#.}"
  done
  while IFS= read -r path; do
    rm -f "$path"
  done <"$before/absent"
  if [ -d "$current" ]; then
    run "$current/activate" || say 'what was there before could not be activated either.'
  elif [ -n "$there" ]; then
    run "$new/activate" || say 'what was there before could not be activated either.'
  fi
  rm -rf "$before"
}

# What the services themselves say about it.
show_journals() {
  [ -f "$new/units" ] || return 0
  tr ' ' '\n' <"$new/units" | while IFS= read -r unit; do
    say "the journal of $unit:"
    journalctl --sync 2>/dev/null || true
    journalctl --no-pager -n 15 -o cat -u "$unit" >&2 || true
  done
}

# Notes what is in place now, for the next application and for who looks whether it still is.
record() {
  : >"$new/manifest"
  while IFS= read -r path; do
    printf '%s %s\n' "$(state_of "$path")" "$path" >>"$new/manifest"
  done <"$new/list"
  rm -rf "$new/tree" "$current"
  mv "$new" "$current"
  rm -rf "$before"
}

# result: prints the secret that the step makes.
result() {
  [ ! -f "$current/result" ] || sh -eu "$current/result" </dev/null
}

hold
receive
own
compare
if [ ! -d "$before" ] && [ ! -s "$new/changed" ] && [ ! -s "$new/removed" ] && verified 0; then
  say 'is in place already.'
  record
  result
  exit 0
fi
if ! run "$new/check"; then
  say 'was refused by its check; nothing was changed.'
  exit 1
fi
replace
# What it said before is of no more interest.
rm -f "$new/verify.log"
if run "$new/activate" && verified "$(cat "$new/settle")" && stays; then
  record
  say 'is in place.'
  result
  exit 0
fi
[ ! -f "$new/verify.log" ] || cat "$new/verify.log" >&2
show_journals
say 'could not be activated; what was there before is put back.'
roll_back
exit 1
