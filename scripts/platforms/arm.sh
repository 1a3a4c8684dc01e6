#!/usr/bin/env bash
# Runs a command in which programs for 64-bit ARM start like any other: arm.sh COMMAND ARG...
#
# The kernel starts them by qemu-user; their C library is that of Debian's cross compiler. Needs root: the
# kernel's table of interpreters is one for the machine, so the entry is removed at the end. The table is
# mounted in a mount namespace that ends with the command.
set -euo pipefail
exec unshare --mount --propagation private bash -euc '
  libraries=$1
  shift
  table=/proc/sys/fs/binfmt_misc
  mount -t binfmt_misc binfmt_misc "$table"
  if [[ ! -e $table/qemu-aarch64 ]]; then
    # A program may start others without the variable QEMU_LD_PREFIX. V8 signs return addresses: by the
    # algorithm of real processors that takes two thirds of the time of a start.
    interpreter=$(mktemp)
    printf "#!/bin/sh\nexec %s -cpu max,pauth-impdef=on -L %s \"\$@\"\n" \
      "$(command -v qemu-aarch64)" "$libraries" >"$interpreter"
    chmod 755 "$interpreter"
    name=eac-arm64-$$ # others may run at the same time
    trap "echo -1 >$table/$name; rm $interpreter" EXIT
    # An ELF executable or library (2, 3) for machine 183.
    magic="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
    mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
    printf %s ":$name:M::$magic:$mask:$interpreter:" >"$table/register"
  fi
  "$@"
' arm.sh "${QEMU_LD_PREFIX:-/usr/aarch64-linux-gnu}" "$@"
