/**
 * Makes manifests for Homebrew, Scoop and WinGet from the checksums of a release:
 *
 *     deno run -RW --allow-env=GITHUB_REPOSITORY scripts/manifests.ts dist/SHA256SUMS dist/manifests
 *
 * Releases are in the repository that `GITHUB_REPOSITORY` names (default: `eac-cli/eac`).
 *
 * @module
 */

const SUMMARY = "Temporary AWS credentials from any profile: one MFA code, every tool";

/** An archive of a release. */
interface Archive {
  readonly url: string;
  readonly sha256: string;
  /** The top folder inside. */
  readonly folder: string;
}

/** What all three manifests contain. */
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
export function manifests(sums: string, repository: string): Record<string, string> {
  const release = readRelease(sums, repository);
  return {
    "homebrew/eac.rb": homebrew(release),
    "scoop/eac.json": scoop(release),
    ...winget(release),
  };
}

function readRelease(sums: string, repository: string): Release {
  const lines = [
    ...sums.matchAll(
      /^([0-9a-f]{64}) {2}eac-(.+)-((?:linux|macos|windows)-\w+)(\.tar\.gz|\.zip)$/gm,
    ),
  ];
  const versions = new Set(lines.map((line) => line[2]!));
  const [version] = versions;
  if (version === undefined) throw new Error("the checksums name no archive");
  if (versions.size > 1) {
    throw new Error(`the checksums are of several versions: ${[...versions].join(", ")}`);
  }
  const homepage = `https://github.com/${repository}`;
  return {
    version,
    homepage,
    archive(platform) {
      const line = lines.find((one) => one[3] === platform);
      if (!line) throw new Error(`the checksums have no archive for ${platform}`);
      const folder = `eac-${version}-${platform}`;
      const url = `${homepage}/releases/download/v${version}/${folder}${line[4]}`;
      return { url, sha256: line[1]!, folder };
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
  license "MIT"

  on_macos do
${choice("arm", "macos-aarch64")}${choice("intel", "macos-x86_64")}  end

  on_linux do
${choice("arm", "linux-aarch64")}${choice("intel", "linux-x86_64")}  end

  def install
    bin.install "eac"
    if File.directory?("completions")
      bash_completion.install "completions/eac.bash" => "eac"
      zsh_completion.install "completions/_eac"
      fish_completion.install "completions/eac.fish"
    end
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
    license: "MIT",
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
License: MIT
ShortDescription: ${JSON.stringify(SUMMARY)}
${foot("defaultLocale")}`,
  };
}

if (import.meta.main) {
  const [sums, folder] = Deno.args;
  if (sums === undefined || folder === undefined) {
    console.error("usage: manifests.ts SHA256SUMS FOLDER");
    Deno.exit(2);
  }
  const repository = Deno.env.get("GITHUB_REPOSITORY") ?? "eac-cli/eac";
  for (
    const [path, content] of Object.entries(manifests(Deno.readTextFileSync(sums), repository))
  ) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, content);
    console.log(`${folder}/${path}`);
  }
}
