import { readFileSync } from 'node:fs';
import { CHECKS } from '../src/checks/registry.js';
import { profilesReference } from '../src/cli/configuration/profilesReference.js';
import { makeProgram } from '../src/cli/program.js';
import { checksReference, commandReference } from '../src/cli/reference.js';
import { toolVersion } from '../src/cli/version.js';
import { completions } from './completions.js';
import { hostReference } from './hostReference.js';
import { changelogDate, manPage } from './manPage.js';
import { remediationProof } from './remediationProof.js';

/** The units as files of the Ansible role: links to them would be in no package, for npm leaves links out. */
const ROLE_FILES = 'ansible/roles/virt_clock_audit/files';

/** The generated documents, by their path in the project. */
export function documents(): [path: string, text: string][] {
  return [
    ['docs/checks.md', checksReference(CHECKS)],
    ['docs/host.md', hostReference()],
    ['docs/profiles.md', profilesReference()],
    ['docs/remediation-proof.md', remediationProof()],
    ['docs/command-line.md', commandReference(makeProgram(() => undefined))],
    [
      'man/virt-clock-audit.1',
      manPage(
        makeProgram(() => undefined),
        toolVersion(),
        changelogDate(),
      ),
    ],
    ...completions(makeProgram(() => undefined)),
    ...['virt-clock-audit.service', 'virt-clock-audit.timer'].map((name): [string, string] => [
      `${ROLE_FILES}/${name}`,
      readFileSync(new URL(`../packaging/systemd/${name}`, import.meta.url), 'utf8'),
    ]),
  ];
}
