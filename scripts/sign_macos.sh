#!/usr/bin/env bash
# Signs a binary with a Developer ID and has Apple notarize it: sign_macos.sh BINARY
#
# Without APPLE_CERTIFICATE (a .p12 in base64) it reports that and leaves the binary as `deno compile` made it:
# signed ad hoc for ARM, which requires a signature, and not signed for Intel, which does not. It runs,
# but Gatekeeper warns of a copy that a browser downloaded. macOS's tools take passwords as arguments
# only: run it where nobody else is logged in.
set -euo pipefail
binary=$1
if [[ -z ${APPLE_CERTIFICATE:-} ]]; then
  echo "not signed with a Developer ID: APPLE_CERTIFICATE is not set"
  exit 0
fi
: "${APPLE_CERTIFICATE_PASSWORD:?}" "${APPLE_ID:?}" "${APPLE_ID_PASSWORD:?}" "${APPLE_TEAM_ID:?}"

work=$(mktemp -d)
keychain=$work/eac.keychain-db
trap 'security delete-keychain "$keychain" 2>/dev/null || true; rm -rf "$work"' EXIT
password=$(openssl rand -hex 16)
base64 --decode <<<"$APPLE_CERTIFICATE" >"$work/certificate.p12"
security create-keychain -p "$password" "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$work/certificate.p12" -k "$keychain" -P "$APPLE_CERTIFICATE_PASSWORD" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db

# V8 writes machine code at run time; the hardened runtime allows that only when asked.
cat >"$work/entitlements.plist" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>com.apple.security.cs.allow-jit</key><true/>
  <key>com.apple.security.cs.allow-unsigned-executable-memory</key><true/>
</dict></plist>
XML
codesign --force --timestamp --options runtime --entitlements "$work/entitlements.plist" \
  --keychain "$keychain" --sign "Developer ID Application" "$binary"
codesign --verify --strict "$binary"

# A single file cannot carry its ticket: Gatekeeper asks Apple for it the first time.
ditto -c -k "$binary" "$work/eac.zip"
account=(--apple-id "$APPLE_ID" --password "$APPLE_ID_PASSWORD" --team-id "$APPLE_TEAM_ID")
xcrun notarytool submit "$work/eac.zip" --wait "${account[@]}" | tee "$work/verdict"
# notarytool exits 0 for a rejected binary too; Apple's reasons are in a separate log.
if ! grep -q 'status: Accepted' "$work/verdict"; then
  submission=$(sed -n 's/^ *id: //p' "$work/verdict" | head -n 1)
  xcrun notarytool log "$submission" "${account[@]}" || true
  echo "Apple did not notarize $binary" >&2
  exit 1
fi
