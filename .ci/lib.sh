# Shared by `run` and `test`: progress, installing what is missing, building. Sourced by bash from
# the top of the repository.
export LC_ALL=C.UTF-8

steps_total=0
steps_done=0

# step TEXT: announces the next of $steps_total steps, with the time since the start.
step() {
  steps_done=$((steps_done + 1))
  printf '\n== [%d/%d, %d:%02d] %s\n' "$steps_done" "$steps_total" \
    $((SECONDS / 60)) $((SECONDS % 60)) "$1"
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Packages of .ci/packages that are not installed, one a line.
missing_packages() {
  local wanted installed
  wanted=$(sed 's/#.*//' .ci/packages | tr -s ' \n' '\n' | grep . | sort)
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null |
    awk '$2 == "installed" { print $1 }' | sort -u)
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

# Installs them as root or through sudo; says what to do when neither is to be had.
install_missing() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "not a Debian system: going on with what is installed (wanted: see .ci/packages)"
    return
  fi
  local missing sudo=()
  missing=$(missing_packages | tr '\n' ' ')
  if [ -z "$missing" ]; then
    echo "all packages of .ci/packages are installed"
    return
  fi
  echo "missing: $missing"
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      sudo=(sudo)
    else
      fail "packages are missing, and this is neither root nor able to use sudo. As root, run:
  apt-get update && apt-get install --no-install-recommends $missing"
    fi
  fi
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
  "${apt[@]}" update
  # shellcheck disable=SC2086  # one word a package
  "${apt[@]}" install -y --no-install-recommends -o Dpkg::Use-Pty=0 $missing
}

# build PRESET [TARGET...]: configures where needed, then rebuilds what changed.
build() {
  local preset=$1
  shift
  cmake --preset "$preset"
  cmake --build --preset "$preset" --parallel "$(nproc)" ${*:+--target "$@"}
}
