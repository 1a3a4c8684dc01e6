# Installs eac for the current user: downloads the archive for this machine, checks it against
# SHA256SUMS, and installs the program in %LOCALAPPDATA%\Programs\eac. Does not need an administrator.
#
#   EAC_VERSION      the version, such as 0.1.0 (default: the latest release)
#   EAC_INSTALL_DIR  where to install the program (default: %LOCALAPPDATA%\Programs\eac)
#   EAC_REPOSITORY   the GitHub repository with the releases (default: eac-cli/eac)
#   EAC_BASE_URL     a URL with the archives and SHA256SUMS, instead of GitHub

# Everything is in one function, so a partial download of this script does nothing.
function Install-Eac {
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue' # The progress bar slows down downloads in Windows PowerShell.
  [Net.ServicePointManager]::SecurityProtocol =
    [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

  # Under emulation, PROCESSOR_ARCHITEW6432 is the architecture of the machine.
  $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 }
    else { $env:PROCESSOR_ARCHITECTURE }
  $arch = switch ($machine) {
    'AMD64' { 'x86_64' }
    'ARM64' { 'aarch64' }
    default { throw "install: eac does not support $machine" }
  }

  $repository = if ($env:EAC_REPOSITORY) { $env:EAC_REPOSITORY } else { 'eac-cli/eac' }
  $version = "$env:EAC_VERSION" -replace '^v', ''
  $base = if ($env:EAC_BASE_URL) { $env:EAC_BASE_URL }
    elseif ($version) { "https://github.com/$repository/releases/download/v$version" }
    else { "https://github.com/$repository/releases/latest/download" }
  $folder = if ($env:EAC_INSTALL_DIR) { $env:EAC_INSTALL_DIR }
    else { Join-Path $env:LOCALAPPDATA 'Programs\eac' }

  $work = Join-Path ([IO.Path]::GetTempPath()) "eac-install-$([Guid]::NewGuid())"
  New-Item -ItemType Directory -Path $work | Out-Null
  try {
    $sums = Join-Path $work 'SHA256SUMS'
    Invoke-WebRequest -UseBasicParsing -Uri "$base/SHA256SUMS" -OutFile $sums
    $wanted = if ($version) { [Regex]::Escape($version) } else { '[0-9][0-9A-Za-z.+-]*' }
    $line = Get-Content $sums |
      Where-Object { $_ -cmatch "^[0-9a-f]{64}  eac-$wanted-windows-$arch\.zip$" } |
      Select-Object -First 1
    if (-not $line) { throw "install: no archive for windows $arch $version in $base/SHA256SUMS" }
    $expected, $archive = $line -split '  ', 2

    $zip = Join-Path $work $archive
    Invoke-WebRequest -UseBasicParsing -Uri "$base/$archive" -OutFile $zip
    $actual = (Get-FileHash -Algorithm SHA256 -Path $zip).Hash.ToLowerInvariant()
    if ($actual -cne $expected) {
      throw "install: the checksum of $archive is $actual, not $expected as in SHA256SUMS; nothing was installed"
    }

    Expand-Archive -Path $zip -DestinationPath $work
    $program = Join-Path $work ($archive -replace '\.zip$', '\eac.exe')
    $installed = & $program --version
    if ($LASTEXITCODE -ne 0) { throw 'install: the program does not run on this system' }

    New-Item -ItemType Directory -Force -Path $folder | Out-Null
    $target = Join-Path $folder 'eac.exe'
    # Move-Item would move the program into a folder of that name.
    if (Test-Path -PathType Container $target) {
      throw "install: $target is a folder: remove it, or set EAC_INSTALL_DIR"
    }
    # Windows can rename a running program, but cannot overwrite it.
    if (Test-Path $target) {
      Remove-Item -Force "$target.old" -ErrorAction SilentlyContinue
      Move-Item -Force $target "$target.old"
    }
    Move-Item $program $target
    Remove-Item -Force "$target.old" -ErrorAction SilentlyContinue
    Write-Output "installed $installed in $target"

    $path = [Environment]::GetEnvironmentVariable('Path', 'User')
    if (($path -split ';') -notcontains $folder) {
      Write-Output "the folder is not in your PATH; to add it: [Environment]::SetEnvironmentVariable('Path', `"$folder;`" + [Environment]::GetEnvironmentVariable('Path', 'User'), 'User')"
    }
  }
  finally {
    Remove-Item -Recurse -Force $work
  }
}

Install-Eac
