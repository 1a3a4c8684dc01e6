#!/usr/bin/env bash
# Signs a binary with Authenticode, from Git Bash on Windows: sign_windows.sh BINARY
#
# Without WINDOWS_CERTIFICATE (a .pfx in base64) it says so and leaves the binary unsigned: it runs,
# but SmartScreen warns of a copy that a browser downloaded.
set -euo pipefail
binary=$1
if [[ -z ${WINDOWS_CERTIFICATE:-} ]]; then
  echo "not signed: WINDOWS_CERTIFICATE is not set"
  exit 0
fi
: "${WINDOWS_CERTIFICATE_PASSWORD:?}"

# Options of Windows programs begin with a slash: they are no paths to be rewritten.
export MSYS_NO_PATHCONV=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base64 --decode <<<"$WINDOWS_CERTIFICATE" >"$work/certificate.pfx"
signtool=$(find "/c/Program Files (x86)/Windows Kits/10/bin" -path '*/x64/signtool.exe' | sort -V | tail -n 1)
"$signtool" sign /f "$(cygpath -w "$work/certificate.pfx")" /p "$WINDOWS_CERTIFICATE_PASSWORD" \
  /fd sha256 /td sha256 /tr http://timestamp.digicert.com "$(cygpath -w "$binary")"
"$signtool" verify /pa "$(cygpath -w "$binary")"
