import { expect } from 'chai';
import { readLinuxptp } from '../../src/timedaemons/linuxptp.js';
import { PTP4L_OPTIONS, parseOptions } from '../../src/timedaemons/linuxptpArguments.js';

describe('what processes of linuxptp were told', () => {
  it('is read once, whatever options are repeated in it', function () {
    // Copying what was there before for each of them takes minutes.
    this.timeout(15_000);
    expect(parseOptions([`-${'q'.repeat(400_000)}`, '-i', 'eth0', '-i', 'eth1'], PTP4L_OPTIONS)).to.satisfy(
      (options: ReadonlyMap<string, readonly string[]>) =>
        options.get('q')?.length === 400_000 && options.get('i')?.join() === 'eth0,eth1',
    );
  });

  it('is not looked for with more of them than any machine runs', async () => {
    const running = (count: number) =>
      readLinuxptp(
        { root: '/nowhere', deadlineSeconds: 1 },
        Array.from({ length: count }, (_, at) => ({ pid: `${at + 2}`, name: at % 2 ? 'ptp4l' : 'phc2sys' })),
      );
    expect(await running(64)).to.include({ known: true });
    expect(await running(65)).to.include({ known: false, cause: 'linuxptp-processes-too-many' });
  });
});
