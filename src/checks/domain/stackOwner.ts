import type { DefinitionCheck } from '../check.js';

export const stackOwner: DefinitionCheck = {
  id: 'domain/stack-owner',
  scope: 'domain',
  judges: 'definition',
  title: 'No management layer writes the definition anew',
  failureTitle: 'A management layer writes the definition anew',
  rationale:
    'nova, oVirt and KubeVirt write the definition anew whenever they start the guest. An edit of the XML lasts until then, so the lasting fix of any other finding is made in that layer: an image property, a setting of the VM, the VirtualMachine object.',
  outcomes: {
    pass: 'No layer is known to write the definition anew.',
    info: 'One does; the finding names it and when.',
  },
  fix: 'Nothing needs fixing; make fixes where the definition comes from.',
  references: [
    {
      title: 'nova: libvirt domain metadata',
      url: 'https://docs.openstack.org/nova/latest/admin/libvirt-misc.html',
    },
    { title: 'libvirt: General metadata', url: 'https://libvirt.org/formatdomain.html#general-metadata' },
  ],
  needs: () => [],
  appliesTo: () => true,
  evaluate({ owner }) {
    if (owner.rewrittenBy === undefined) {
      const observed = owner.kind === 'none' ? 'no layer has left its mark' : `made by ${owner.label}`;
      return { outcome: 'pass', code: owner.kind, observed };
    }
    const { instanceName, project, flavor } = owner;
    const about = [
      instanceName !== undefined && `instance ${instanceName}`,
      project !== undefined && `project ${project}`,
      flavor !== undefined && `flavor ${flavor}`,
    ].filter(Boolean);
    const who = `${owner.label}${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
    return { outcome: 'info', code: owner.kind, observed: `${who}; ${owner.rewrittenBy}` };
  },
};
