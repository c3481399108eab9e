import { unknown } from '../../facts/fact.js';
import { given, type SituationCheck } from '../check.js';
import { clockDifferences } from '../clockDifferences.js';

/** Nobody vouches for an image that nobody looked into. */
const NOT_SEEN = unknown(
  'managed save image',
  'image-not-read',
  'there is a managed save image, and what is in it was not read',
);

export const managedSave: SituationCheck = {
  id: 'domain/managed-save',
  scope: 'domain',
  judges: 'situation',
  title: 'No saved state brings another clock back',
  failureTitle: 'A managed save image will bring another clock back',
  rationale:
    'virsh start restores a managed save image with the definition inside it. A clock that was defined since then is ignored until the first start without an image, so a fix seems to be in place and is not.',
  outcomes: {
    pass: 'There is no image, or its clock is the defined one.',
    warn: 'The image holds another clock.',
    unknown: 'Whether there is an image, or what is in it, could not be read.',
    'not-applicable': 'The domain runs, is transient, or was read from a file.',
  },
  fix: 'Start the guest, shut it down from inside and start it again. virsh managedsave-remove does it at once, but throws away the saved memory: as if the power had failed.',
  references: [
    { title: 'virsh(1), managedsave', url: 'https://libvirt.org/manpages/virsh.html' },
    {
      title: 'virDomainManagedSave',
      url: 'https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainManagedSave',
    },
  ],
  appliesTo({ definitions: { live, inactive }, managedSave: image }) {
    if (live) return 'the domain runs';
    if (!inactive) return 'there is no definition of a next start';
    return !image.known && image.cause === 'not-in-file' ? 'a file does not tell of saved states' : true;
  },
  needs: ({ managedSave: image, saved, definitions: { inactive } }) =>
    image.known && image.value ? [image, saved ?? NOT_SEEN, ...(inactive ? [inactive] : [])] : [image],
  evaluate({ managedSave: image, saved, definitions: { inactive } }) {
    if (image.known && !image.value) {
      return { outcome: 'pass', code: 'no-image', observed: 'there is no managed save image' };
    }
    const differences = clockDifferences(given(inactive ?? NOT_SEEN), given(saved ?? NOT_SEEN));
    if (differences.length === 0) {
      return { outcome: 'pass', code: 'same', observed: 'the managed save image has the same clock' };
    }
    return {
      outcome: 'warn',
      code: 'stale-image',
      observed: `the next start restores the image, and with it: ${differences.join('; ')}`,
      expected: 'an image with the defined clock, or none',
    };
  },
};
