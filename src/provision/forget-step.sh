# Removes the files of a step that is no longer wanted, but those that another step has: it was renamed, or took them over.
#   $1 the step's name, $2 its revision: where another was applied in the meantime, the files are that one's
set -eu
home=/var/lib/homelab/steps/$1
[ -f "$home/current/revision" ] && [ "$(cat "$home/current/revision")" = "$2" ] || exit 0
while IFS=' ' read -r _ _ _ path; do
  kept=
  for other in /var/lib/homelab/steps/*/current/manifest; do
    [ "$other" != "$home/current/manifest" ] && [ -f "$other" ] || continue
    while IFS=' ' read -r _ _ _ taken; do
      [ "$taken" != "$path" ] || kept=yes
    done <"$other"
  done
  [ -n "$kept" ] || rm -f "$path"
done <"$home/current/manifest"
rm -rf "$home" "$home.lock"
