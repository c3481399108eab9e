import type { Backup } from '../../apply/backupFile.js';
import type { Planned } from '../../apply/change.js';
import { readDefinition } from '../../domxml/definition.js';
import { passwordsIn, withoutPasswords } from '../../facts/secrets.js';
import { sha256 } from '../../facts/sha256.js';
import { unifiedDiff } from '../../remediation/unifiedDiff.js';
import type { Undertaking } from './undertaking.js';

/**
 * Plans how the definition in a backup is put back.
 * @param path - of the backup
 * @param fileName - a safe file name for the domain
 * @param force - also when the definition was changed after the run that made the backup
 */
export function planRollback(path: string, backup: Backup, fileName: string, force: boolean): Undertaking {
  const { record, xml } = backup;
  const { owner } = readDefinition(xml, null);
  const temporary = owner.rewrittenBy
    ? [`temporary: the domain belongs to ${owner.label}; ${owner.rewrittenBy}`]
    : [];
  return {
    about: { name: record.domain, mends: [], remarks: [...temporary, EFFECT] },
    fileName,
    restores: path,
    auditedDiff: null,
    order: {
      uuid: record.uuid,
      audited: null,
      plan: (current) => decide(path, backup, fileName, current, force),
    },
    verify(now) {
      if (passwordsIn(now).join() !== passwordsIn(xml).join())
        return 'it has other passwords than the backup';
      return clockOf(now) === clockOf(xml) ? null : 'it has another clock than the backup';
    },
  };
}

const EFFECT = 'takes effect at a full stop and start of the guest; a reboot inside the guest is not enough';

function clockOf(xml: string): string {
  return JSON.stringify(readDefinition(xml, null).effectiveClock);
}

function decide(
  path: string,
  { xml, definedSha256, restoredSha256 }: Backup,
  fileName: string,
  current: string,
  force: boolean,
): Planned {
  // libvirt may order devices anew, so that what was put back does not read like the backup.
  if (current === xml || sha256(current) === restoredSha256) {
    return { unchanged: 'the domain has this definition already' };
  }
  if (!force && definedSha256 === null) {
    return {
      refused: `${path}.defined, where apply notes what it defined, is not there (the run did not come that far, or the backup was moved), so later changes by others cannot be told; look with --dry-run --force, then use --force`,
    };
  }
  if (!force && sha256(current) !== definedSha256) {
    return {
      refused:
        'the definition was changed after the run that made the backup, and that would be lost; look with --dry-run --force, then use --force',
    };
  }
  const differ = passwordsIn(current).join() !== passwordsIn(xml).join();
  return {
    after: xml,
    diff: unifiedDiff(`${fileName}.xml`, withoutPasswords(current), withoutPasswords(xml)),
    ...(differ && {
      remarks: ['puts other passwords of VNC or SPICE back as well, which the difference does not show'],
    }),
  };
}
