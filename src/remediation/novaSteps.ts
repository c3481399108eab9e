import type { Finding } from '../checks/finding.js';
import type { DomainDefinition } from '../facts/definition.js';
import { type NovaFault, novaFaults } from './novaFaults.js';
import type { OwnerStep } from './ownerFix.js';
import { nameOr, uuidOr } from './ownerNames.js';
import { shellCommand } from './shellCommand.js';

/** A fault with the check that found it. */
interface Found {
  readonly check: string;
  readonly fault: NovaFault;
}

/** What stands in commands for the instance, its image and its flavour. */
interface Names {
  readonly server: string;
  readonly image: string;
  readonly flavor: string;
}

/**
 * The commands that mend an instance of nova for good, in that order: the image and the flavour for instances to
 * come, then what nova has recorded for this one, and a start that writes the definition anew.
 *
 * nova keeps its own copy of an image's properties (`image_*` in the instance's system_metadata), of the flavour, and
 * of `os_type`, each made when the instance is created: editing the image or the flavour changes none of them.
 * @see `_inherit_properties_from_image` in nova's nova/compute/api.py, `nova-manage image_property set` in nova-manage(1)
 */
export function novaSteps(
  definition: DomainDefinition,
  findings: readonly Finding[],
  { uuid }: { readonly uuid: string | null },
): OwnerStep[] {
  const { owner } = definition;
  const names: Names = {
    server: uuidOr(uuid, 'SERVER'),
    image: uuidOr(owner.imageUuid, 'IMAGE'),
    flavor: nameOr(owner.flavorId ?? owner.flavor, 'FLAVOR'),
  };
  const found = findings
    .filter(asksForSomething)
    .flatMap((finding) =>
      novaFaults(definition, finding).map((fault): Found => ({ check: finding.check, fault })),
    );
  const osType = only(found, 'os-type');
  const properties = only(found, 'image-property');
  const extraSpecs = only(found, 'extra-spec');
  const edited = only(found, 'edited');
  const recorded = recordedSteps(osType, properties, edited, names);
  const steps = [
    ...imageSteps([...osType, ...properties], names),
    ...flavorSteps(extraSpecs, names),
    ...recorded,
    ...resizeSteps(extraSpecs, recorded.length > 0 ? [] : edited, names),
  ];
  if (steps.length === 0) steps.push(...rewriteSteps(edited, names));
  const fixed = found.flatMap(({ check, fault }): OwnerStep[] =>
    fault.kind === 'fixed' ? [{ about: fault.about, command: null, checks: [check] }] : [],
  );
  return [...steps, ...fixed];
}

/** An agent that nova was not asked for is no fault, but worth having when the instance is touched anyhow. */
function asksForSomething({ outcome, code }: Finding): boolean {
  return outcome === 'warn' || outcome === 'fail' || code === 'absent-by-nova';
}

type FoundOf<Kind extends NovaFault['kind']> = Found & { readonly fault: Extract<NovaFault, { kind: Kind }> };

function only<Kind extends NovaFault['kind']>(found: readonly Found[], kind: Kind): FoundOf<Kind>[] {
  return found.filter((it): it is FoundOf<Kind> => it.fault.kind === kind);
}

type Property = FoundOf<'os-type' | 'image-property'>;

function imageSteps(found: readonly Property[], { image }: Names): OwnerStep[] {
  if (found.length === 0) return [];
  const checks = checksOf(found);
  const place =
    image === 'IMAGE'
      ? "for instances to come: the definition names no image, so put its name in place of IMAGE; an instance that boots from a volume takes its properties from that volume instead ('openstack volume set --image-property')"
      : 'for instances to come: sets the property on the image, which changes nothing for this instance';
  return [{ about: place, command: openstackImageSet(found, image), checks }];
}

function flavorSteps(found: readonly FoundOf<'extra-spec'>[], { flavor }: Names): OwnerStep[] {
  if (found.length === 0) return [];
  const extraSpecs = [...new Set(found.flatMap(({ fault }) => fault.extraSpecs))];
  const about =
    'for instances to come: no longer hides KVM by the flavour, if that is what does; ask first whether a driver for a passed-through GPU still needs it';
  const words = extraSpecs.flatMap((it) => ['--property', `${it}=false`]);
  return [
    { about, command: shellCommand('openstack', 'flavor', 'set', ...words, flavor), checks: checksOf(found) },
  ];
}

/** Changes what nova has recorded for this instance, which takes it to be stopped. */
function recordedSteps(
  osType: readonly FoundOf<'os-type'>[],
  properties: readonly FoundOf<'image-property'>[],
  edited: readonly Found[],
  names: Names,
): OwnerStep[] {
  if (osType.length + properties.length === 0) return [];
  const { server } = names;
  const checks = checksOf([...osType, ...properties]);
  const [stop, start] = [
    shellCommand('openstack', 'server', 'stop', server),
    shellCommand('openstack', 'server', 'start', server),
  ];
  return [
    { about: 'stops the instance; wait until its status is SHUTOFF', command: stop, checks },
    ...(osType.length > 0 ? rebuildSteps([...osType, ...properties], names) : recordSteps(properties, names)),
    {
      about: 'starts the instance, for which nova writes the definition anew',
      command: start,
      checks: [...new Set([...checks, ...checksOf(edited)])],
    },
  ];
}

/** `os_type` is a column of the instance that only a creation and a rebuild write. */
function rebuildSteps(found: readonly Property[], { server, image }: Names): OwnerStep[] {
  const checks = checksOf(found);
  if (image === 'IMAGE') {
    const about =
      'os_type is written when an instance is created or rebuilt, and neither a hard reboot nor nova-manage changes it: create the instance anew from the volume or image that has the property now; a rebuild would overwrite its root disk';
    return [{ about, command: null, checks }];
  }
  const snapshot = `clock-fix-${server}`;
  return [
    {
      about:
        'takes a snapshot of the root disk, for the rebuild below: os_type is written when an instance is created or rebuilt, and neither a hard reboot nor nova-manage changes it',
      command: shellCommand('openstack', 'server', 'image', 'create', '--name', snapshot, '--wait', server),
      checks,
    },
    { about: 'sets the property on the snapshot', command: openstackImageSet(found, snapshot), checks },
    {
      about:
        'destroys the root disk and makes it anew from the snapshot, so do this only once the snapshot is active; from the original image the disk would come out as it was on the first day; a rebuild keeps UUID, ports and addresses, and makes ephemeral and swap disks anew and empty; nova starts the guest for a moment and stops it again, so wait until the status is SHUTOFF',
      command: shellCommand('openstack', 'server', 'rebuild', '--image', snapshot, server),
      checks,
    },
  ];
}

function recordSteps(found: readonly FoundOf<'image-property'>[], { server }: Names): OwnerStep[] {
  const words = found.flatMap(({ fault }) => ['--property', `${fault.property}=${fault.value}`]);
  return [
    {
      about:
        "for this instance: changes what nova has recorded of its image (nova 25.0.0, Yoga, or newer; run it where nova-manage reaches the cell's database; older ones take a rebuild, which destroys the root disk)",
      command: shellCommand('nova-manage', 'image_property', 'set', server, ...words),
      checks: checksOf(found),
    },
  ];
}

/** @param edited - what a new definition mends as well, which the resize makes nova write */
function resizeSteps(
  found: readonly FoundOf<'extra-spec'>[],
  edited: readonly Found[],
  { server }: Names,
): OwnerStep[] {
  if (found.length === 0) return [];
  const checks = checksOf([...found, ...edited]);
  return [
    {
      about:
        'for this instance, which keeps a copy of the flavour as it was: resizes it to another flavour that does not hide KVM; put its name in place of OTHER_FLAVOR',
      command: shellCommand('openstack', 'server', 'resize', '--flavor', 'OTHER_FLAVOR', '--wait', server),
      checks,
    },
    {
      about: 'confirms the resize, once the guest is seen to work',
      command: shellCommand('openstack', 'server', 'resize', 'confirm', server),
      checks,
    },
  ];
}

function rewriteSteps(edited: readonly Found[], { server }: Names): OwnerStep[] {
  if (edited.length === 0) return [];
  return [
    {
      about:
        'nova writes nothing of the kind, so the definition was edited by hand: a hard reboot, which stops the guest without asking it, writes it anew; what is there again afterwards comes from cpu_model_extra_flags in nova.conf or from a patched nova',
      command: shellCommand('openstack', 'server', 'reboot', '--hard', '--wait', server),
      checks: checksOf(edited),
    },
  ];
}

function openstackImageSet(found: readonly Property[], image: string): string {
  const settings = new Set(
    found.map(({ fault }) =>
      fault.kind === 'os-type' ? `os_type=${fault.osType}` : `${fault.property}=${fault.value}`,
    ),
  );
  const words = [...settings].flatMap((it) => ['--property', it]);
  return shellCommand('openstack', 'image', 'set', ...words, image);
}

function checksOf(found: readonly Found[]): string[] {
  return [...new Set(found.map(({ check }) => check))];
}
