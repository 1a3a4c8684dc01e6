/**
 * The shell function through which `eac use` changes the shell's environment. It passes all other
 * commands to the program.
 *
 * @module
 */

import { COMPETITORS } from "./variables.ts";
import { unsetEnv } from "./shell.ts";

/** The shells that can be activated: all that `eac env` has a format for. */
export const ACTIVATED = ["bash", "zsh", "sh", "fish", "powershell", "cmd", "nu"] as const;

/** A shell that can be activated. */
export type ActivatedShell = typeof ACTIVATED[number];

/** For bash, zsh and other POSIX shells. The help is printed, not passed to `eval`. */
const POSIX = String.raw`eac() {
  case "${"${1-}"}" in
    use)
      for _eac in "$@"; do
        case "$_eac" in -h | --help) command eac "$@"; return ;; esac
      done
      _eac=$(command eac "$@" --format posix) || { set -- "$?"; unset _eac; return "$1"; }
      eval "$_eac"
      unset _eac
      ;;
    *) command eac "$@" ;;
  esac
}
`;

const FISH = String.raw`function eac --description 'temporary credentials for AWS'
    if test "$argv[1]" = use; and not contains -- --help $argv; and not contains -- -h $argv
        set -l lines (command eac $argv --format fish)
        or return
        string join \n -- $lines | source
    else
        command eac $argv
    end
end
`;

const POWERSHELL = String.raw`function eac {
  $program = (Get-Command eac -CommandType Application -ErrorAction Stop | Select-Object -First 1).Source
  if ($args.Count -gt 0 -and $args[0] -ceq 'use' -and $args -notcontains '--help' -and $args -cnotcontains '-h') {
    $lines = & $program @args --format powershell
    if ($LASTEXITCODE -eq 0) { $lines | Out-String | Invoke-Expression }
  } elseif ($MyInvocation.ExpectingInput) { $input | & $program @args }
  else { & $program @args }
}
`;

// A macro cannot drop a word: it passes "use" along with its arguments.
const CMD =
  'doskey eac=if "$1"=="use" (for /f "delims=" %i in (\'eac.exe $* --format cmd\') do @%i) ' +
  "else (eac.exe $*)\n";

// Nushell cannot evaluate text, so the function unsets variables itself and loads the others from
// JSON.
const NU = `def --env --wrapped eac [...words] {
  if ($words | get 0? | default "") != "use" or "--help" in $words or "-h" in $words {
    ^eac ...$words
    return
  }
  if "--unset" in $words {
${indented(unsetEnv("nu"))}
  } else {
    let values = ^eac ...$words --format json | from json
${indented(COMPETITORS.map((name) => `hide-env --ignore-errors ${name}`).join("\n"))}
    hide-env --ignore-errors AWS_SESSION_TOKEN
    hide-env --ignore-errors AWS_CREDENTIAL_EXPIRATION
    load-env $values
  }
}
`;

function indented(text: string): string {
  return text.trimEnd().replace(/^/gm, "    ");
}

/** The functions by their shell. */
export const ACTIVATION: Readonly<Record<ActivatedShell, string>> = {
  bash: POSIX,
  zsh: POSIX,
  sh: POSIX,
  fish: FISH,
  powershell: POWERSHELL,
  cmd: CMD,
  nu: NU,
};
