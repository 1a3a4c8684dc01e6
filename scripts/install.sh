#!/bin/sh
# Installs eac for the current user: picks the archive for this machine, checks it against SHA256SUMS,
# and puts the program into ~/.local/bin. Never needs root.
#
#   EAC_VERSION      a version such as 0.1.0; the latest release, without
#   EAC_INSTALL_DIR  where the program goes; ~/.local/bin, without
#   EAC_REPOSITORY   whose releases on GitHub; eac-cli/eac, without
#   EAC_BASE_URL     a folder with the archives and SHA256SUMS, in place of GitHub
set -eu

fail() {
  printf 'install: %s\n' "$1" >&2
  exit 1
}

# Downloads $1 to the file $2.
download() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --show-error --location --output "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget --quiet --output-document="$2" "$1"
  else
    fail 'neither curl nor wget is installed'
  fi || fail "cannot download $1"
}

# Prints the SHA-256 of the file $1.
sha256() {
  if command -v sha256sum >/dev/null 2>&1; then
    set -- "$(sha256sum <"$1")"
  elif command -v shasum >/dev/null 2>&1; then
    set -- "$(shasum -a 256 <"$1")"
  elif command -v openssl >/dev/null 2>&1; then
    set -- "$(openssl dgst -sha256 -r <"$1")"
  else
    fail 'nothing here computes SHA-256: sha256sum, shasum or openssl'
  fi
  printf '%s\n' "${1%% *}"
}

# All in one function, so that half a download of this script does nothing.
main() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    *) fail "there is no eac for $(uname -s); on Windows use install.ps1" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) fail "there is no eac for $(uname -m)" ;;
  esac

  releases=https://github.com/${EAC_REPOSITORY:-eac-cli/eac}/releases
  version=${EAC_VERSION:-}
  version=${version#v}
  base=${EAC_BASE_URL:-}
  if [ -z "$base" ]; then
    base=$releases/latest/download
    [ -z "$version" ] || base=$releases/download/v$version
  fi
  folder=${EAC_INSTALL_DIR:-$HOME/.local/bin}

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM HUP

  download "$base/SHA256SUMS" "$work/SHA256SUMS"
  pattern="^[0-9a-f]\{64\}  eac-${version:-[0-9][0-9A-Za-z.+-]*}-$os-$arch\.tar\.gz\$"
  line=$(grep "$pattern" "$work/SHA256SUMS" | head -n 1) || true
  [ -n "$line" ] || fail "no archive for $os $arch${version:+, version $version} in $base/SHA256SUMS"
  expected=${line%% *}
  archive=${line##* }

  download "$base/$archive" "$work/$archive"
  actual=$(sha256 "$work/$archive") || exit 1
  [ "$actual" = "$expected" ] ||
    fail "$archive is not what SHA256SUMS says: $actual, not $expected; nothing was installed"

  tar -xzf "$work/$archive" -C "$work"
  program=$work/${archive%.tar.gz}/eac
  installed=$("$program" --version </dev/null) ||
    fail 'the program does not start here (it needs glibc 2.27 or macOS 11, or newer)'

  mkdir -p "$folder"
  # A rename within the folder: who runs the old one meanwhile keeps it.
  cp "$program" "$folder/.eac.$$"
  chmod 755 "$folder/.eac.$$"
  mv -f "$folder/.eac.$$" "$folder/eac"
  printf '%s is in %s\n' "$installed" "$folder/eac"
  # shellcheck disable=SC2016 # The person's own shell is to expand the $PATH that is printed.
  case :$PATH: in
    *:"$folder":*) ;;
    *) printf 'that folder is not in your PATH yet; add it: export PATH="%s:$PATH"\n' "$folder" ;;
  esac
}

main
