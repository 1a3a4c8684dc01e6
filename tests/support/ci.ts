/**
 * The environment that CI systems set for a job, from their documentation.
 *
 * @module
 */

/** A CI system. */
export interface CiSystem {
  /** Its name in docs/ci.md. */
  readonly name: string;
  /** The variables of its jobs; `HOME` in a value stands for the home folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Files that exist when a job begins, under the home folder. */
  readonly files?: readonly string[];
  /** True where the log masks what a program asks it to. */
  readonly masks?: boolean;
}

/** The CI systems of docs/ci.md. Jenkins and a container set no `CI`. */
export const CI_SYSTEMS: readonly CiSystem[] = [
  {
    name: "GitHub Actions",
    env: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_ENV: "HOME/set_env",
      GITHUB_WORKSPACE: "HOME",
      RUNNER_TEMP: "HOME",
    },
    files: ["set_env"],
    masks: true,
  },
  { name: "GitLab CI", env: { CI: "true", GITLAB_CI: "true", CI_PROJECT_DIR: "HOME" } },
  {
    name: "CircleCI",
    env: { CI: "true", CIRCLECI: "true", BASH_ENV: "HOME/bash_env" },
    files: ["bash_env"],
  },
  {
    name: "Jenkins",
    env: { JENKINS_URL: "https://ci.example.com/", BUILD_ID: "7", WORKSPACE: "HOME" },
  },
  { name: "Buildkite", env: { CI: "true", BUILDKITE: "true", BUILDKITE_AGENT_NAME: "agent-1" } },
  { name: "A bare container", env: { HOSTNAME: "0123456789ab" } },
];

/** The variables of a job with this home folder. */
export function jobEnv({ env }: CiSystem, home: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace("HOME", home)]),
  );
}
