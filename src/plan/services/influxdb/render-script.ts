/** What InfluxDB shall have; names are known to need no quoting. */
export interface InfluxContents {
  readonly url: string;
  readonly adminUser: string;
  readonly organization: string;
  readonly bucket: string;
  readonly retentionSeconds: number;
  /** Login of who reads the bucket. */
  readonly reader: string;
}

/** Where the script finds secrets, and keeps those that it gets. */
export const influxSecrets = "/etc/influxdb/secrets";

/**
 * Renders a script that brings about what InfluxDB shall have (`apply`), or only looks whether it is there (`verify`).
 * It speaks to InfluxDB's API and not through its client, which takes passwords from the command line, for everyone to see.
 */
export function renderInfluxScript(contents: InfluxContents): string {
  const { url, adminUser, organization, bucket, retentionSeconds, reader } = contents;
  return `#!/bin/sh
# Made from config/homelab/services.yaml; changes made here are undone.
set -eu
umask 077
secrets=${influxSecrets}
url=${url}

fail() {
  echo "$1" >&2
  exit 1
}

# A body comes from standard input, and a token from a file.
request() {
  curl -sS --fail-with-body --max-time 30 -X "$1" -H "@$secrets/operator-header" \\
    -H 'Content-Type: application/json' --data-binary @- "$url$2"
}

get() {
  curl -sS --fail-with-body --max-time 30 -H "@$secrets/operator-header" "$url$1"
}

pick() {
  printf '%s' "$answer" | jq -r "$@"
}

find_organization() {
  answer=$(get '/api/v2/orgs?limit=100') ||
    fail 'InfluxDB does not know the token in '"$secrets"'/operator-header. It is the one that it was set up with: set the secret influxdbOperatorToken back.'
  organization=$(pick 'first(.orgs[] | select(.name == "${organization}") | .id) // empty')
}

find_bucket() {
  answer=$(get "/api/v2/buckets?orgID=$organization&limit=100")
  bucket=$(pick 'first(.buckets[] | select(.name == "${bucket}") | .id) // empty')
  retention=$(pick 'first(.buckets[] | select(.name == "${bucket}") | .retentionRules[0].everySeconds) // 0')
}

# Authorizations that are described as $2; only those that are for the bucket where $3 says so.
find_authorizations() {
  answer=$(get "$1?orgID=$organization")
  pick --arg name "$2" --arg bucket "$3" \\
    '.authorizations[]? | select(.description == $name and ($bucket == "" or any(.permissions[]; .resource.id == $bucket))) | .id'
}

# Nothing is written: the answer tells whether something could be.
can_write() {
  [ -s "$secrets/proxmox-header" ] || return 1
  status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 30 -X POST -H "@$secrets/proxmox-header" \\
    --data-binary '' "$url/api/v2/write?org=${organization}&bucket=${bucket}")
  [ "$status" = 204 ] || [ "$status" = 400 ]
}

set_up() {
  answer=$(curl -sS --fail-with-body --max-time 30 "$url/api/v2/setup")
  [ "$(pick .allowed)" = true ] || return 0
  jq -n --rawfile password "$secrets/admin-password" --rawfile header "$secrets/operator-header" '{
    username: "${adminUser}", password: ($password | rtrimstr("\\n")),
    token: ($header | ltrimstr("Authorization: Token ") | rtrimstr("\\n")),
    org: "${organization}", bucket: "${bucket}", retentionPeriodSeconds: ${retentionSeconds}
  }' | curl -sS --fail-with-body --max-time 30 -X POST -H 'Content-Type: application/json' --data-binary @- "$url/api/v2/setup" > /dev/null
}

apply_bucket() {
  if [ -z "$organization" ]; then
    answer=$(jq -n '{name: "${organization}"}' | request POST /api/v2/orgs)
    organization=$(pick .id)
  fi
  find_bucket
  rules='retentionRules: [{type: "expire", everySeconds: ${retentionSeconds}}]'
  if [ -z "$bucket" ]; then
    answer=$(jq -n --arg org "$organization" "{orgID: \\$org, name: \\"${bucket}\\", $rules}" | request POST /api/v2/buckets)
    bucket=$(pick .id)
  elif [ "$retention" != ${retentionSeconds} ]; then
    jq -n "{$rules}" | request PATCH "/api/v2/buckets/$bucket" > /dev/null
  fi
}

apply_admin() {
  answer=$(get '/api/v2/users?limit=100')
  user=$(pick 'first(.users[] | select(.name == "${adminUser}") | .id) // empty')
  [ -n "$user" ] || fail 'InfluxDB has no user ${adminUser}. Set adminUser to the one that it was set up with.'
  password_of admin | request POST "/api/v2/users/$user/password"
}

apply_reader() {
  path=/private/legacy/authorizations
  reader=$(find_authorizations $path ${reader} "$bucket")
  if [ -z "$reader" ]; then
    for old in $(find_authorizations $path ${reader} ''); do
      request DELETE "$path/$old" < /dev/null
    done
    answer=$(authorization ${reader} read | request POST $path)
    reader=$(pick .id)
  fi
  password_of reader | request POST "$path/$reader/password"
}

apply_writer() {
  ! can_write || return 0
  path=/api/v2/authorizations
  for old in $(find_authorizations $path proxmox ''); do
    request DELETE "$path/$old" < /dev/null
  done
  answer=$(authorization proxmox write | request POST $path)
  pick '"Authorization: Token " + .token' > "$secrets/proxmox-header"
}

password_of() {
  jq -n --rawfile password "$secrets/$1-password" '{password: ($password | rtrimstr("\\n"))}'
}

authorization() {
  jq -n --arg name "$1" --arg action "$2" --arg org "$organization" --arg bucket "$bucket" '{
    orgID: $org, description: $name, status: "active",
    permissions: [{action: $action, resource: {type: "buckets", id: $bucket, orgID: $org}}]
  } + if $action == "read" then {token: $name} else {} end'
}

verify() {
  answer=$(curl -sS --fail-with-body --max-time 30 "$url/api/v2/setup")
  [ "$(pick .allowed)" = false ] || fail 'InfluxDB is not set up.'
  find_organization
  [ -n "$organization" ] || fail 'InfluxDB has no organization ${organization}.'
  find_bucket
  [ "$retention" = ${retentionSeconds} ] || fail "The bucket ${bucket} keeps $retention seconds."
  [ -n "$(find_authorizations /private/legacy/authorizations ${reader} "$bucket")" ] ||
    fail 'InfluxDB has no user ${reader} who reads the bucket ${bucket}.'
  can_write || fail 'The token of Proxmox VE does not write into the bucket ${bucket}.'
}

case "$1" in
apply)
  set_up
  find_organization
  apply_bucket
  apply_admin
  apply_reader
  apply_writer
  ;;
verify) verify ;;
*) fail "usage: $0 apply|verify" ;;
esac
`;
}
