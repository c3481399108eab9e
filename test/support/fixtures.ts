import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the domain XML fixtures. */
export const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'domxml');

/** A fixture and what is said of it beside it. */
export interface Fixture {
  readonly name: string;
  readonly path: string;
  readonly xml: string;
  readonly about: string;
  /** Absent where the file is no domain. */
  readonly patch?: 'fixes' | 'nothing-to-fix' | 'refused';
  /** The checks that the patch makes pass; absent for none. */
  readonly mends?: readonly string[];
  /** The checks that there is a remedy for, and no edit of this text that helps; absent for none. */
  readonly unmended?: readonly string[];
}

/** All fixtures that are domains, in the order of their names. */
export function domainFixtures(): Fixture[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.expect.json'))
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.expect.json'.length);
      const path = join(FIXTURES, `${name}.xml`);
      return {
        name,
        path,
        xml: readFileSync(path, 'utf8'),
        ...JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')),
      };
    })
    .filter((fixture) => fixture.patch !== undefined);
}
