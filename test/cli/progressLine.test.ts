import { expect } from 'chai';
import { within } from '../../src/cli/progressLine.js';

describe('the line of progress', () => {
  it('is as it is where there is room', () => {
    expect(within('recorded 1 of 2 hosts', 80)).to.equal('recorded 1 of 2 hosts');
  });

  it('stays on one line, and short of its last column, which some terminals break after', () => {
    expect(within('x'.repeat(80), 80)).to.equal(`${'x'.repeat(78)}…`);
    expect(within('x'.repeat(79), 80)).to.have.length(79);
    expect(within('recorded', 1)).to.equal('…');
  });

  it('does not cut a character in two', () => {
    expect(within('🕰'.repeat(10), 5)).to.equal('🕰🕰🕰…');
  });
});
