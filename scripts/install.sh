#!/bin/sh
# Installs eac for the current user: downloads the archive for this machine, checks it against
# SHA256SUMS, and installs the program in ~/.local/bin. Does not need root.
#
#   EAC_VERSION      the version, such as 0.1.0 (default: the latest release)
#   EAC_INSTALL_DIR  where to install the program (default: ~/.local/bin)
#   EAC_REPOSITORY   the GitHub repository with the releases (default: eac-cli/eac)
#   EAC_BASE_URL     a URL with the archives and SHA256SUMS, instead of GitHub
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
    fail 'curl or wget is required'
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
    fail 'sha256sum, shasum or openssl is required'
  fi
  printf '%s\n' "${1%% *}"
}

# Everything is in one function, so a partial download of this script does nothing.
main() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    *) fail "eac does not support $(uname -s); on Windows, use install.ps1" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) fail "eac does not support $(uname -m)" ;;
  esac

  if [ "$os" = linux ] && ldd --version 2>&1 | grep -q musl; then
    fail 'eac needs glibc, but this system has musl (as Alpine does): in a container, use debian:stable-slim'
  fi

  releases=https://github.com/${EAC_REPOSITORY:-eac-cli/eac}/releases
  version=${EAC_VERSION:-}
  version=${version#v}
  base=${EAC_BASE_URL:-}
  if [ -z "$base" ]; then
    base=$releases/latest/download
    [ -z "$version" ] || base=$releases/download/v$version
  fi
  folder=${EAC_INSTALL_DIR:-$HOME/.local/bin}
  # mv would move the program into a folder of that name, which may be the target of a symbolic link.
  [ ! -d "$folder/eac" ] || fail "$folder/eac is a folder: remove it, or set EAC_INSTALL_DIR"

  work=$(mktemp -d)
  new=
  trap 'rm -rf "$work" ${new:+"$new"}' EXIT
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
    fail "the checksum of $archive is $actual, not $expected as in SHA256SUMS; nothing was installed"

  tar -xzf "$work/$archive" -C "$work"
  program=$work/${archive%.tar.gz}/eac
  installed=$("$program" --version </dev/null) ||
    fail 'the program does not run on this system (it needs glibc 2.27 or macOS 11, or later)'

  mkdir -p "$folder"
  # A rename within the folder is atomic, and a running eac keeps its old file.
  new=$folder/.eac.$$
  cp "$program" "$new" || fail "cannot write to $folder; nothing was installed"
  chmod 755 "$new"
  mv -f "$new" "$folder/eac"
  printf 'installed %s in %s\n' "$installed" "$folder/eac"
  # shellcheck disable=SC2016 # The user's shell expands the printed $PATH.
  case :$PATH: in
    *:"$folder":*) ;;
    *) printf 'the folder is not in your PATH; to add it: export PATH="%s:$PATH"\n' "$folder" ;;
  esac
}

main
