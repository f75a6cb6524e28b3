# Goes before the scripts that compare or record files.

# state_of FILE: mode, owner and content.
state_of() {
  if [ -f "$1" ] && [ ! -L "$1" ]; then
    sum=$(sha256sum <"$1")
    printf '%s %s' "$(stat -c '%a %U:%G' "$1")" "${sum%% *}"
  else
    printf 'missing'
  fi
}
