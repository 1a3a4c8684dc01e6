/**
 * The completion scripts. They contain nothing about eac's commands: they pass the words to `eac
 * __complete` and show its answer, so they never need an update.
 *
 * The answer has a line per candidate: the word, a tab and a description. A line without a word
 * says `files` or `command`: the shell completes those itself.
 *
 * @module
 */

import type { Shell } from "./shells.ts";

/** The text unchanged, so that only `${` needs a backslash. */
function script(text: TemplateStringsArray): string {
  return (text.raw[0] ?? "").replaceAll("\\${", "${");
}

/** The scripts by their shell. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash also splits words at ":" and "=", which ARNs and options contain: the script joins them
  // again, and removes from the answers what bash does not replace. It runs in bash 3.2, which
  // macOS has.
  bash: script`# Completion of eac for bash. In ~/.bashrc: eval "$(eac completion bash)"
_eac() {
  local rest=\${COMP_LINE:0:COMP_POINT} words=() n=-1 i word line prefix skip
  COMPREPLY=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      ((n += 1))
      words[n]=
    fi
    ((i < COMP_CWORD)) || word=$rest
    words[n]+=$word
    rest=\${rest#"$word"}
    if [[ $word == -- ]] && ((skip == 0)); then skip=$((i + 1)); fi
  done
  for ((i = 1; i <= n; i++)); do words[i]="=\${words[i]//[\"\'\\]/}"; done
  prefix=\${words[n]#=}
  case $word in
    [:=]*) ;;
    *) prefix=\${prefix%"\${word//[\"\'\\]/}"} ;;
  esac
  while IFS= read -r line; do
    case $line in
      $'\tfiles')
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
        ;;
      $'\tcommand')
        compopt -o filenames 2>/dev/null
        if declare -F _command_offset >/dev/null; then
          _command_offset "$skip"
        elif ((COMP_CWORD == skip)); then
          while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$word")
        else
          while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
        fi
        ;;
      *)
        line=\${line%%$'\t'*}
        line=\${line#"$prefix"}
        case $line in *[!A-Za-z0-9_./%@:+=-]*) printf -v line %q "$line" ;; esac
        COMPREPLY+=("$line")
        ;;
    esac
  done < <(eac __complete "\${words[@]:1}" 2>/dev/null)
}
complete -F _eac eac
`,

  zsh: script`#compdef eac
# Completion of eac for zsh. In ~/.zshrc, after compinit: eval "$(eac completion zsh)"
_eac() {
  local -a lines described
  local line skip
  lines=("\${(@f)$(eac __complete "\${(@)\${(@Q)words[2,CURRENT-1]}/#/=}" "=\${(Q)PREFIX}" 2>/dev/null)}")
  case $lines[1] in
    '') return 1 ;;
    $'\tfiles') _files; return ;;
    $'\tcommand')
      skip=\${words[(i)--]}
      shift $skip words
      (( CURRENT -= skip ))
      _normal
      return
      ;;
  esac
  for line in $lines; do
    described+=("\${\${line%%$'\t'*}//:/\\:}:\${line#*$'\t'}")
  done
  _describe -V eac described
}
if [[ $funcstack[1] == _eac ]]; then
  _eac "$@"
elif (( $+functions[compdef] )); then
  compdef _eac eac
else
  print -u2 'eac: completion needs compinit: autoload -Uz compinit && compinit'
fi
`,

  fish: script`# Completion of eac for fish. In config.fish: eac completion fish | source
function __eac_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (eac __complete "="$words[2..-1] "=$current" 2>/dev/null)
        switch $line
            case \tfiles
                __fish_complete_path $current
            case \tcommand
                set -l skip (contains -i -- -- $words)
                set -l rest (string escape -- $words[(math $skip + 1)..-1])
                complete -C (string join ' ' -- $rest $current)
            case '*'
                echo $line
        end
    end
end
complete -c eac -e
complete -c eac -f -k -a '(__eac_complete)'
`,

  powershell: script`# Completion of eac for PowerShell. In $PROFILE:
# eac completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName eac -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursor } |
    ForEach-Object { '=' + $_.Extent.Text.Trim('"', "'") })
  foreach ($line in @(eac __complete @words "=$word" 2>$null)) {
    $value, $about = $line -split [char]9, 2
    if ($value -eq '') { return }
    if (-not $about) { $about = $value }
    $text = if ($value -match '^[\w./%@:+=-]+$') { $value } else { "'" + ($value -replace "'", "''") + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
  }
}
`,

  // Nushell has one external completer for all commands: the previous one stays in effect for
  // others.
  nu: script`# Completion of eac for nushell. Once: eac completion nu | save -f eac.nu
# and in config.nu: source eac.nu
$env.config.completions.external.enable = true
$env.config.completions.external.completer = do {
  let before = $env.config.completions.external.completer?
  {|spans: list<string>|
    if ($spans | first) == 'eac' {
      let words = $spans | skip 1 | each {|word| $'=($word)' }
      let lines = ^eac __complete ...$words | complete | get stdout | lines
      if ($lines | any {|line| $line starts-with "\t" }) { null } else {
        $lines | split column "\t" value description
      }
    } else if $before != null {
      do $before $spans
    }
  }
}
`,
};
