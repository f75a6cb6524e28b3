# Tells of each step whether it is still as it was applied; changes nothing.
#   stdin   `step NAME DIGEST LINES` and the step's verify script of so many lines, for each step; then `end`
#   stdout  `NAME REVISION DIGEST` as it was applied, and one of these; nothing of a step that was never applied:
#             `intact`
#             `changed WHAT`  it is not as it was applied
#             `edited WHAT`   it is as it was applied, and what is asked for says how that differs
set -eu
steps=/var/lib/homelab/steps

# changed_files MANIFEST: the files that are not as they were recorded.
changed_files() {
  while IFS=' ' read -r mode owner sum path; do
    [ "$(state_of "$path")" = "$mode $owner $sum" ] || printf ' %s' "$path"
  done <"$1"
}

# complaint SCRIPT OTHERWISE: what a verify script says if it fails, in one line, or else the other text; nothing if it succeeds.
complaint() {
  why=$(sh -euc "$1" </dev/null 2>&1 >/dev/null) && return 0
  printf '%s' "${why:-$2}" | tr '\n' ' '
}

while IFS=' ' read -r kind name digest count; do
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
  applied=$(cat "$current/digest")
  what=$(changed_files "$current/manifest")
  [ ! -d "$steps/$name/before" ] || what="$what (an application was cut off)"
  # What is not applied yet cannot be verified: the script that was applied with the step tells whether somebody has changed it.
  verify=$script
  [ "$applied" = "$digest" ] || verify=$(cat "$current/verify" 2>/dev/null) || verify=
  why=$(complaint "$verify" 'its verification fails')
  what="$what${why:+ $why}"
  printf '%s %s %s ' "$name" "$(cat "$current/revision")" "$applied"
  if [ -n "$what" ]; then
    printf 'changed %s\n' "${what# }"
  elif [ "$applied" != "$digest" ] && why=$(complaint "$script" '') && [ -n "$why" ]; then
    printf 'edited %s\n' "$why"
  else
    printf 'intact\n'
  fi
done
