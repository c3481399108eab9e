import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { startPrivateSshd } from '../support/privateSshd.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock } from '../support/tinyDomain.js';
import { missingProgram } from '../support/unpackedPrograms.js';
import { ManagedHost } from './managedHost.js';
import { Controller } from './playbooks.js';
import { toolTarball } from './toolTarball.js';

/** A domain's name that Ansible would carry out if it took it for more than data, leaving a file `carried-out`. */
export const HOSTILE = `{{ lookup('pipe', 'touch carried-out') }}`;

/** What `bad` fails for. */
export const TRACKING = "<timer name='rtc' track='guest'/>";

/** A controller and its hosts: `good`, `bad`, `without-node`, and `gone`, which nobody can reach. The group `compute` has all of them. */
export interface Fleet {
  readonly controller: Controller;
  readonly libvirtd: PrivateLibvirtd;
  /** Its domain `fine` is. */
  readonly good: ManagedHost;
  /** Its domain is {@link HOSTILE}, with a clock that fails. */
  readonly bad: ManagedHost;
  readonly withoutNode: ManagedHost;
  /** The tool, as hosts get it. */
  readonly tarball: string;
  /** A directory of the controller. */
  readonly reports: string;
  /** Defines the domain of `bad` as it was at first. */
  spoil(): Promise<void>;
  /** Whether Ansible has carried the name out, which is forgotten then. */
  carriedOut(): boolean;
  stop(): Promise<void>;
}

/** Skips the suite where something is missing that {@link startFleet} needs. */
export function requireFleet(context: Mocha.Context): void {
  requireCommand(context, 'ansible-playbook', 'ssh', 'libvirtd', 'virsh', 'qemu-system-x86_64');
  requireFetched(context, missingProgram('sshd'));
  requireFact(context, process.getuid?.() === 0, 'sshd takes root');
}

/** Starts hosts that the role is played for over a real sshd: they share a libvirtd, and write only below a scratch directory. */
export async function startFleet(): Promise<Fleet> {
  const scratch = scratchDirectory('fleet');
  const at = (name: string) => join(scratch.path, name);
  for (const name of ['controller', 'run']) mkdirSync(at(name));
  const controller = new Controller(at('controller'));
  const [libvirtd, sshd, tarball] = await Promise.all([
    startPrivateLibvirtd({ emulators: ['qemu-system-x86_64'] }),
    startPrivateSshd({
      names: ['good', 'bad', 'without-node'],
      // What tells that systemd runs a machine, which it hardly does where tests run.
      mounts: { '/run/systemd/system': at('run') },
    }),
    toolTarball(scratch.path),
    controller.installCollection(),
  ]);
  const define = (name: string, clock: string) =>
    libvirtd.define(tinyDomainXml({ name, clock, devices: agentChannelXml }));
  const spoil = () => define(HOSTILE, goodClock(TRACKING));
  await define('fine', goodClock());
  await spoil();
  const good = new ManagedHost(scratch.path, 'good', ['node', 'npm']);
  const bad = new ManagedHost(scratch.path, 'bad', ['node', 'npm']);
  const withoutNode = new ManagedHost(scratch.path, 'without-node', []);
  const shared = {
    virt_clock_audit_install_method: 'npm',
    virt_clock_audit_package: tarball,
    virt_clock_audit_connect: libvirtd.uri,
    virt_clock_audit_arguments: ['--no-host'],
    virt_clock_audit_configuration: { profile: 'nova', checks: { 'domain/hpet': { severity: 'info' } } },
    virt_clock_audit_reports_directory: at('reports'),
  };
  controller.writeInventory(
    {
      good: { ...shared, ...good.variables(), virt_clock_audit_domains: ['fine'] },
      bad: { ...shared, ...bad.variables(), virt_clock_audit_domains: ['[{]*'] },
      'without-node': { ...shared, ...withoutNode.variables() },
      // A name that would lead out of a directory, for another report of the host `good`.
      'odd/../../../name': {
        ...{ ...shared, ...good.variables(), ansible_host: 'good', virt_clock_audit_domains: ['fine'] },
        virt_clock_audit_state_directory: good.at('lib/odd'),
        virt_clock_audit_publish_facts: false,
      },
      gone: { ...shared, ansible_host: '127.0.0.1', ansible_port: 9 },
    },
    sshd.configFile,
  );
  const trace = join(at('controller'), 'carried-out');
  return {
    ...{ controller, libvirtd, good, bad, withoutNode, tarball, spoil, reports: at('reports') },
    carriedOut() {
      const found = existsSync(trace);
      rmSync(trace, { force: true });
      return found;
    },
    async stop() {
      await sshd.stop();
      await libvirtd.stop();
      await scratch.remove();
    },
  };
}
