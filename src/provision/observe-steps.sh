# Tells of each step whether it is still in place; changes nothing.
#   stdin   `step NAME LINES` and the step's verify script of so many lines, for each step; then `end`
#   stdout  `NAME REVISION DIGEST` and `intact`, or `changed` and what is; nothing of a step that was never applied
set -eu
steps=/var/lib/homelab/steps

# changed_files MANIFEST: the files that are not as they were recorded.
changed_files() {
  while IFS=' ' read -r mode owner sum path; do
    [ "$(state_of "$path")" = "$mode $owner $sum" ] || printf ' %s' "$path"
  done <"$1"
}

while IFS=' ' read -r kind name count; do
  [ "$kind" = step ] || break
  script=
  while [ "$count" -gt 0 ]; do
    IFS= read -r line
    script="$script$line
"
    count=$((count - 1))
  done
  current=$steps/$name/current
  [ -f "$current/revision" ] || continue
  what=$(changed_files "$current/manifest")
  [ ! -d "$steps/$name/before" ] || what="$what (an application was cut off)"
  if ! why=$(sh -euc "$script" </dev/null 2>&1 >/dev/null); then
    [ -n "$why" ] || why='its verification fails'
    what="$what $(printf '%s' "$why" | tr '\n' ' ')"
  fi
  printf '%s %s %s ' "$name" "$(cat "$current/revision")" "$(cat "$current/digest")"
  if [ -z "$what" ]; then printf 'intact\n'; else printf 'changed%s\n' "${what:+ ${what# }}"; fi
done
