# Set-up shared by spec/run.sh and examples/quickstart.sh: installs Debian packages that are missing, and
# builds. To be sourced, from the top of the project.

say() { printf '%s\n' "-- $*" >&2; }

# need PACKAGE… : installs those that are not there, and says so
need() {
  missing=
  for package; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  say "installing:$missing"
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# build FOLDER [cmake option…] : prints what cmake says only when it fails
build() {
  folder=$1
  shift
  say "building in $folder"
  mkdir -p "$folder"
  if ! { cmake -S . -B "$folder" "$@" && cmake --build "$folder" -j "$(nproc)"; } >"$folder/build.log" 2>&1; then
    cat "$folder/build.log" >&2
    return 1
  fi
}
