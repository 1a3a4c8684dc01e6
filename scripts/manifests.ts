/**
 * Makes manifests for Homebrew, Scoop, WinGet and Nix from the checksums of a release:
 *
 *     deno run -RW --allow-env=GITHUB_REPOSITORY scripts/manifests.ts dist/SHA256SUMS dist/manifests
 *
 * Releases are in the repository that `GITHUB_REPOSITORY` names (default: `eac-cli/eac`).
 *
 * @module
 */

import { folderName, parseArchiveName, platformOf } from "./assets.ts";
import { homepage, LICENSE, SUMMARY } from "./packages/about.ts";

/** An archive of a release. */
interface Archive {
  readonly url: string;
  readonly sha256: string;
  /** The top folder inside. */
  readonly folder: string;
}

/** What all manifests contain. */
interface Release {
  readonly version: string;
  readonly homepage: string;
  /** The archive of a platform such as `linux-x86_64`; throws if it is missing. */
  archive(platform: string): Archive;
}

/**
 * The manifests by path, from the text of a `SHA256SUMS` file.
 *
 * @throws {Error} if the checksums are not those of one complete release
 */
export function manifests(sums: string, homepage: string): Record<string, string> {
  const release = readRelease(sums, homepage);
  return {
    "homebrew/eac.rb": homebrew(release),
    "scoop/eac.json": scoop(release),
    ...winget(release),
    "nix/eac.nix": nix(release),
  };
}

function readRelease(sums: string, homepage: string): Release {
  const lines = [...sums.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].flatMap((line) => {
    const parsed = parseArchiveName(line[2]!);
    return parsed ? [{ ...parsed, sha256: line[1]!, name: line[2]! }] : [];
  });
  const versions = new Set(lines.map((line) => line.version));
  const [version] = versions;
  if (version === undefined) throw new Error("the checksums name no archive");
  if (versions.size > 1) {
    throw new Error(`the checksums are of several versions: ${[...versions].join(", ")}`);
  }
  return {
    version,
    homepage,
    archive(platform) {
      const line = lines.find(({ target }) => platformOf(target) === platform);
      if (!line) throw new Error(`the checksums have no archive for ${platform}`);
      const url = `${homepage}/releases/download/v${version}/${line.name}`;
      return { url, sha256: line.sha256, folder: folderName(version, line.target) };
    },
  };
}

/** A formula (https://docs.brew.sh/Formula-Cookbook). */
function homebrew({ version, homepage, archive }: Release): string {
  const choice = (arch: string, platform: string) => {
    const { url, sha256 } = archive(platform);
    return `    on_${arch} do
      url "${url}"
      sha256 "${sha256}"
    end
`;
  };
  return `class Eac < Formula
  desc "${SUMMARY}"
  homepage "${homepage}"
  version "${version}"
  license "${LICENSE}"

  on_macos do
${choice("arm", "macos-aarch64")}${choice("intel", "macos-x86_64")}  end

  on_linux do
${choice("arm", "linux-aarch64")}${choice("intel", "linux-x86_64")}  end

  def install
    bin.install "eac"
    man1.install "eac.1"
    bash_completion.install "completions/eac.bash" => "eac"
    zsh_completion.install "completions/_eac"
    fish_completion.install "completions/eac.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/eac --version")
  end
end
`;
}

/** A manifest for Scoop (https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests). */
function scoop({ version, homepage, archive }: Release): string {
  const choice = (platform: string) => {
    const { url, sha256, folder } = archive(platform);
    return { url, hash: sha256, extract_dir: folder };
  };
  const manifest = {
    version,
    description: SUMMARY,
    homepage,
    license: LICENSE,
    architecture: { "64bit": choice("windows-x86_64"), arm64: choice("windows-aarch64") },
    bin: "eac.exe",
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}

const WINGET_ID = "eac-cli.eac";
const WINGET_SCHEMA = "1.6.0";

/** The three files of a manifest for WinGet (https://aka.ms/winget-manifest.version.1.6.0). */
function winget({ version, homepage, archive }: Release): Record<string, string> {
  const head = (type: string) =>
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${type}.${WINGET_SCHEMA}.schema.json
PackageIdentifier: ${WINGET_ID}
PackageVersion: ${version}
`;
  const foot = (type: string) =>
    `ManifestType: ${type}
ManifestVersion: ${WINGET_SCHEMA}
`;
  const installer = (architecture: string, platform: string) => {
    const { url, sha256, folder } = archive(platform);
    return `  - Architecture: ${architecture}
    InstallerUrl: ${url}
    InstallerSha256: ${sha256.toUpperCase()}
    NestedInstallerFiles:
      - RelativeFilePath: ${folder}\\eac.exe
        PortableCommandAlias: eac
`;
  };
  return {
    [`winget/${WINGET_ID}.yaml`]: `${head("version")}DefaultLocale: en-US
${foot("version")}`,
    [`winget/${WINGET_ID}.installer.yaml`]: `${head("installer")}InstallerType: zip
NestedInstallerType: portable
Commands:
  - eac
Installers:
${installer("x64", "windows-x86_64")}${installer("arm64", "windows-aarch64")}${foot("installer")}`,
    [`winget/${WINGET_ID}.locale.en-US.yaml`]: `${head("defaultLocale")}PackageLocale: en-US
Publisher: eac
PackageName: eac
PackageUrl: ${homepage}
License: ${LICENSE}
ShortDescription: ${JSON.stringify(SUMMARY)}
${foot("defaultLocale")}`,
  };
}

/**
 * A package for `callPackage` of nixpkgs.
 *
 * On NixOS a program needs the dynamic loader of the Nix store, which patchelf sets. It writes past the
 * end of the ELF image, where Deno looks for the program, so the two are separated and joined again.
 */
function nix({ version, homepage, archive }: Release): string {
  const systems = {
    "x86_64-linux": "linux-x86_64",
    "aarch64-linux": "linux-aarch64",
    "x86_64-darwin": "macos-x86_64",
    "aarch64-darwin": "macos-aarch64",
  };
  const sources = Object.entries(systems).map(([system, platform]) => {
    const { url, sha256 } = archive(platform);
    return `    ${system} = {
      url = "${url}";
      hash = "sha256-${Uint8Array.fromHex(sha256).toBase64()}";
    };
`;
  });
  return `# nix-build -E 'with import <nixpkgs> { }; callPackage ./eac.nix { }'
{
  lib,
  stdenv,
  fetchurl,
  installShellFiles,
  patchelf,
}:

let
  sources = {
${sources.join("")}  };
  inherit (stdenv.hostPlatform) system;
in
stdenv.mkDerivation {
  pname = "eac";
  version = "${version}";
  src = fetchurl (sources.\${system} or (throw "eac does not support \${system}"));

  nativeBuildInputs = [ installShellFiles ] ++ lib.optional stdenv.hostPlatform.isLinux patchelf;

  # Both would damage the program behind the ELF image.
  dontStrip = true;
  dontPatchELF = true;

  installPhase = ''
    runHook preInstall
    install -D -m 755 eac $out/bin/eac
    installManPage eac.1
    installShellCompletion completions/eac.bash completions/eac.fish completions/_eac
    runHook postInstall
  '';

  # The ELF image ends with its section headers; the program follows.
  postFixup = lib.optionalString stdenv.hostPlatform.isLinux ''
    end=$(readelf --file-header eac | awk '
      /Start of section headers/ { start = $5 }
      /Size of section headers/ { size = $5 }
      /Number of section headers/ { number = $5 }
      END { print start + size * number }')
    head -c $end eac > image
    patchelf --set-interpreter "$(cat $NIX_CC/nix-support/dynamic-linker)" \\
      --set-rpath "\${lib.makeLibraryPath [ stdenv.cc.cc.lib ]}" image
    tail -c +$((end + 1)) eac | cat image - > $out/bin/eac
  '';

  doInstallCheck = true;
  installCheckPhase = ''
    $out/bin/eac --version
  '';

  meta = {
    description = "${SUMMARY}";
    homepage = "${homepage}";
    license = lib.licenses.mit;
    mainProgram = "eac";
    platforms = builtins.attrNames sources;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
`;
}

if (import.meta.main) {
  const [sums, folder] = Deno.args;
  if (sums === undefined || folder === undefined) {
    console.error("usage: manifests.ts SHA256SUMS FOLDER");
    Deno.exit(2);
  }
  for (
    const [path, content] of Object.entries(manifests(Deno.readTextFileSync(sums), homepage()))
  ) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, content);
    console.log(`${folder}/${path}`);
  }
}
