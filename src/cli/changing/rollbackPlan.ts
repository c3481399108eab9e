import { sha256 } from '../../apply/backup.js';
import type { Backup } from '../../apply/backupFile.js';
import type { Planned } from '../../apply/change.js';
import { withoutPasswords } from '../../facts/secrets.js';
import { unifiedDiff } from '../../remediation/unifiedDiff.js';
import type { Undertaking } from './changeDefinitions.js';

/**
 * Plans how the definition in a backup is put back.
 * @param path - of the backup
 * @param fileName - a safe file name for the domain
 * @param force - also when the definition was changed after the run that made the backup
 */
export function planRollback(path: string, backup: Backup, fileName: string, force: boolean): Undertaking {
  const { record } = backup;
  return {
    about: { name: record.domain, mends: [], remarks: [EFFECT] },
    fileName,
    restores: path,
    order: { uuid: record.uuid, audited: null, plan: (current) => decide(backup, fileName, current, force) },
    verify: () => null,
  };
}

const EFFECT = 'takes effect at a full stop and start of the guest; a reboot inside the guest is not enough';

function decide(
  { record, xml, definedSha256, restoredSha256 }: Backup,
  fileName: string,
  current: string,
  force: boolean,
): Planned {
  // libvirt may order devices anew, so that what was put back does not read like the backup.
  if (current === xml || sha256(current) === restoredSha256)
    return { unchanged: 'the domain has this definition already' };
  if (!force && definedSha256 === null) {
    return {
      refused: `the run that made the backup of ${record.takenAt} did not get to note what it defined, so later changes by others cannot be told; look with --dry-run --force, then use --force`,
    };
  }
  if (!force && sha256(current) !== definedSha256) {
    return {
      refused:
        'the definition was changed after the run that made the backup, and that would be lost; look with --dry-run --force, then use --force',
    };
  }
  return {
    after: xml,
    diff: unifiedDiff(`${fileName}.xml`, withoutPasswords(current), withoutPasswords(xml)),
  };
}
