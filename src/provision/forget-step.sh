# Removes the files of a step that is no longer wanted.
#   $1 the step's name, $2 its revision: where another was applied in the meantime, the files are that one's
set -eu
home=/var/lib/homelab/steps/$1
[ -f "$home/current/revision" ] && [ "$(cat "$home/current/revision")" = "$2" ] || exit 0
while IFS=' ' read -r _ _ _ path; do
  rm -f "$path"
done <"$home/current/manifest"
rm -rf "$home" "$home.lock"
