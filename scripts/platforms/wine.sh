#!/usr/bin/env bash
# Runs Windows programs on Linux: wine.sh prepare | wine.sh run FOLDER PROGRAM ARG... | wine.sh stop
#
# V8 needs VirtualAlloc2, which wine has since version 9; Debian 13 has wine 10. `prepare` installs it as a
# root file system in $EAC_PLATFORMS_DIR (1.1 GB), so that any distribution with mmdebstrap will do. Both
# need root, for chroot and mounts. `run` shares FOLDER and /tmp with the program, under the same paths
# (drive Z:), and passes the environment. Every mount is in a mount namespace that ends with its command:
# nothing outside sees it, and deleting a folder never deletes through it.
set -euo pipefail
dir=${EAC_PLATFORMS_DIR:-$HOME/.cache/eac-platforms}
root=$dir/wine

# TMPDIR would end wine ("free(): invalid pointer"). Neither .NET nor a browser is needed.
inside() {
  unshare --mount --propagation private bash -euc '
    root=$1 folder=$2
    shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    for shared in "$folder" /tmp; do
      mkdir -p "$root$shared"
      mount --bind "$shared" "$root$shared"
    done
    exec chroot "$root" env -u TMPDIR -u TMP -u TEMP -C "$folder" HOME=/root PATH=/usr/bin:/bin \
      LC_ALL=C.UTF-8 WINEPREFIX=/prefix WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml= \
      XDG_RUNTIME_DIR=/run/wine "$@"
  ' wine.sh "$root" "$@"
}

case ${1:-} in
prepare)
  if [[ ! -d $root ]]; then
    mkdir -p "$dir"
    new=$(mktemp -d "$dir/new-XXXX")
    trap 'rm -rf --one-file-system "$new"' EXIT
    # The mirror that this machine already uses.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | sort -u | head -n 1)
    unshare --mount --propagation private mmdebstrap --quiet --mode=root --variant=apt \
      --include=wine,wine64 --aptopt='Acquire::Languages "none"' \
      --dpkgopt=path-exclude='/usr/share/doc/*' trixie "$new/root" "$mirror" >&2
    mkdir -m 700 "$new/root/run/wine"
    mv "$new/root" "$root"
  fi
  if [[ ! -d $root/prefix ]]; then
    inside /tmp wineboot --init >/dev/null 2>&1
    inside /tmp wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f >/dev/null 2>&1
    inside /tmp wineserver --wait
  fi
  inside /tmp wine --version
  ;;
run)
  folder=$2
  shift 2
  inside "$folder" wine "$@"
  ;;
stop)
  inside /tmp wineserver --kill || true
  ;;
*)
  sed -n 's/^# //p;4q' "$0" >&2
  exit 2
  ;;
esac
