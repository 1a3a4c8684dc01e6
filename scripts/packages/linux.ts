/**
 * The packages for Debian, Ubuntu, Fedora and others: made by nfpm (https://nfpm.goreleaser.com), from the
 * files of an archive.
 *
 * @module
 */

import { debArch, type LinuxFormat } from "../assets.ts";
import { type Target } from "../denort.ts";
import { LICENSE, SUMMARY } from "./about.ts";

/** The file with nfpm's version for `go install`, which checks it against Go's checksum database. */
export const NFPM_VERSION = "scripts/packages/nfpm.txt";

/** The release that a package belongs to. */
export interface LinuxRelease {
  readonly version: string;
  readonly homepage: string;
  /** The time of every file, in seconds since 1970. */
  readonly epoch: number;
}

/** Where the distributions of each format look for zsh's completion functions. */
const ZSH = {
  deb: "/usr/share/zsh/vendor-completions/_eac",
  rpm: "/usr/share/zsh/site-functions/_eac",
};

/** For rpm, the libraries as rpmbuild finds them, because distributions name the packages differently. */
const DEPENDS = {
  deb: ["libc6 (>= 2.27)", "libgcc-s1 | libgcc1"],
  rpm: ["libc.so.6(GLIBC_2.27)(64bit)", "libgcc_s.so.1()(64bit)"],
};

const MAINTAINER = "eac-cli <eac-cli@users.noreply.github.com>";

const DESCRIPTION = `eac reads the profiles in ~/.aws, asks for an MFA code if one is needed,
follows chains of roles, and provides the credentials to every AWS tool.`;

/** The `changelog.gz` that Debian's policy asks of a package. */
export function debianChangelog({ version, homepage, epoch }: LinuxRelease): string {
  const date = new Date(epoch * 1000).toUTCString().replace("GMT", "+0000");
  return `eac (${version}) unstable; urgency=medium

  * ${homepage}/releases/tag/v${version}

 -- ${MAINTAINER}  ${date}
`;
}

/**
 * nfpm's configuration (https://nfpm.goreleaser.com/docs/configuration/) as JSON, which is YAML too.
 *
 * @param folder the unpacked archive, with `eac.1.gz` and `changelog.gz`
 */
export function nfpmConfig(
  format: LinuxFormat,
  { version, homepage, epoch }: LinuxRelease,
  target: Target,
  folder: string,
): string {
  const mtime = new Date(epoch * 1000).toISOString();
  const file = (src: string, dst: string, mode = 0o644) => ({
    src: `${folder}/${src}`,
    dst,
    file_info: { mode, mtime },
  });
  const common = {
    name: "eac",
    version,
    arch: debArch(target.arch), // nfpm translates it for rpm
    maintainer: MAINTAINER,
    homepage,
    mtime,
    depends: DEPENDS[format],
  };
  const contents = [
    file("eac", "/usr/bin/eac", 0o755),
    file("completions/eac.bash", "/usr/share/bash-completion/completions/eac"),
    file("completions/_eac", ZSH[format]),
    file("completions/eac.fish", "/usr/share/fish/vendor_completions.d/eac.fish"),
  ];
  const manual = file("eac.1.gz", "/usr/share/man/man1/eac.1.gz");
  const config = format === "deb"
    ? {
      ...common,
      description: `${SUMMARY}\n${DESCRIPTION}`, // the first line is the synopsis
      section: "utils",
      priority: "optional",
      contents: [
        ...contents,
        manual,
        file("LICENSE", "/usr/share/doc/eac/copyright"),
        file("changelog.gz", "/usr/share/doc/eac/changelog.gz"),
      ],
    }
    : {
      ...common,
      description: DESCRIPTION,
      license: LICENSE,
      rpm: { summary: SUMMARY, group: "Applications/System", buildhost: "localhost" },
      contents: [
        ...contents,
        { ...manual, type: "doc" },
        { ...file("LICENSE", "/usr/share/licenses/eac/LICENSE"), type: "license" },
      ],
    };
  return JSON.stringify(config, null, 2);
}
